"""What is drawn at which tick, by scripted meters."""

from __future__ import annotations

from dataclasses import dataclass

from pi_tui.ui.controllers.ticker import BUSY_TICKS, IDLE_TICKS, Redraw, Ticker


@dataclass(frozen=True)
class Reading:
    busy: tuple[float | None, ...] = (0.5,)
    p99_s: float | None = 0.003


class Meter:
    def __init__(self) -> None:
        self.late_s = 0.001

    def read(self) -> Reading:
        return Reading()

    def beat(self) -> float | None:
        return self.late_s

    def restart(self) -> None:
        pass


class Drawn:
    def __init__(self) -> None:
        self.cores = 0
        self.beats: list[tuple[float | None, tuple[float, ...]]] = []
        self.meter = Meter()
        self.rhythm = Ticker(lambda: self.meter, lambda: self.meter, self.show_cores, self.show_heartbeat)
        self.rhythm.start()
        self.cores = 0

    def show_cores(self, _: tuple[float | None, ...]) -> None:
        self.cores += 1

    def show_heartbeat(self, late_ms: float | None, pulse: tuple[float, ...]) -> None:
        self.beats.append((late_ms, pulse))

    def ticks(self, count: int, *, running: bool, saturated: bool = False) -> list[Redraw]:
        return [self.rhythm.tick(running=running, saturated=saturated) for _ in range(count)]


def test_while_nothing_runs_everything_is_drawn_once_a_second() -> None:
    drawn = Drawn()
    assert drawn.ticks(2 * IDLE_TICKS, running=False) == ([Redraw.NOTHING] * (IDLE_TICKS - 1) + [Redraw.ALL]) * 2
    assert drawn.cores == len(drawn.beats) == 2


def test_in_a_run_cores_and_lanes_move_with_every_tick_and_the_rest_once_a_second() -> None:
    drawn = Drawn()
    assert drawn.ticks(2 * IDLE_TICKS, running=True) == ([Redraw.METERS] * (IDLE_TICKS - 1) + [Redraw.ALL]) * 2
    assert drawn.cores == 2 * IDLE_TICKS
    assert len(drawn.beats) == 2


def test_a_trial_that_needs_every_core_is_drawn_less_often() -> None:
    drawn = Drawn()
    due = drawn.ticks(6 * IDLE_TICKS, running=True, saturated=True)
    assert len(due) - due.count(Redraw.NOTHING) == drawn.cores == 6 * IDLE_TICKS // BUSY_TICKS
    assert due.count(Redraw.ALL) == len(drawn.beats) >= 4


def test_no_beat_that_was_late_is_lost_between_two_drawings() -> None:
    drawn = Drawn()
    drawn.meter.late_s = 0.25
    drawn.ticks(1, running=True)
    drawn.meter.late_s = 0.001
    drawn.ticks(IDLE_TICKS - 1, running=True)
    assert drawn.beats[-1][1][-1] == 250.0
