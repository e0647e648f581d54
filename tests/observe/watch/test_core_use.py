"""The account of cores during a watch, with scripted counters and of a real process."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from pi_tui.observe.watch.core_use import FIRST_READING_S, CoreUseMeter

S = 1_000_000_000
APP, PROGRAM, CHILD = 40, 70, 71


class Counters:
    """The system's counters, in nanoseconds."""

    def __init__(self) -> None:
        self.cpu: dict[int, int] = {os.getpid(): 5 * S, APP: S, PROGRAM: 0}
        self.waited_ticks: dict[int, int] = {}
        self.busy: int | None = 900 * S
        self.reaped = 0
        self.meter = CoreUseMeter(
            APP,
            frozenset((0, 1)),
            process_cpu=self.cpu.get,
            read_stat=self._stat,
            read_busy=lambda cores: self.busy,
            reaped=lambda: self.reaped,
        )

    def _stat(self, pid: int) -> bytes:
        if pid not in self.cpu:
            return b""
        return f"{pid} (a) R {'0 ' * 12}{self.waited_ticks.get(pid, 0)} 0 0".encode()


def test_program_pi_tui_and_the_rest_are_told_apart() -> None:
    counters = Counters()
    counters.meter.read_if_due(0, (PROGRAM,))
    assert counters.meter.latest is None
    counters.cpu[PROGRAM] = 2 * S
    counters.cpu[APP] += S // 2
    counters.busy = 905 * S
    counters.meter.read_if_due(4 * S, (PROGRAM,))
    use = counters.meter.latest
    assert use is not None
    assert (use.wall_s, use.cores, use.program_s, use.pi_tui_s, use.busy_s) == (4.0, 2, 2.0, 0.5, 5.0)


def test_children_that_have_ended_still_count() -> None:
    counters = Counters()
    counters.meter.read_if_due(0, (PROGRAM,))
    counters.cpu[CHILD] = 3 * S
    counters.meter.read_if_due(S, (PROGRAM, CHILD))
    del counters.cpu[CHILD]  # a zombie, then waited for by its parent; another one by pi-tui, as it had lost its parent
    counters.meter.read_if_due(2 * S, (PROGRAM,))
    assert counters.meter.latest is not None
    assert counters.meter.latest.program_s == 3.0
    counters.waited_ticks[PROGRAM] = 3 * os.sysconf("SC_CLK_TCK")
    counters.reaped = S
    counters.meter.read_if_due(3 * S, (PROGRAM,))
    assert counters.meter.latest.program_s == 4.0


def test_counters_are_read_once_a_second_and_more_often_at_first() -> None:
    counters = Counters()
    counters.meter.read_if_due(0, ())
    counters.meter.read_if_due(round(FIRST_READING_S * S), ())
    first = counters.meter.latest
    assert first is not None
    counters.meter.read_if_due(10 * S, ())
    tenth = counters.meter.latest
    counters.meter.read_if_due(10 * S + S // 2, ())
    assert counters.meter.latest is tenth is not first


def test_what_the_system_does_not_tell_stays_unknown() -> None:
    counters = Counters()
    counters.busy = None
    for second in range(3):
        counters.meter.read_if_due(second * S, (PROGRAM,))
    assert counters.meter.latest is None


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no /proc")
def test_a_real_process_is_accounted_for() -> None:
    code = "import time\nwhile time.process_time() < 1: pass\nprint(flush=True)\ninput()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code], **pipes) as program:  # type: ignore[call-overload]
        meter = CoreUseMeter(0, frozenset(os.sched_getaffinity(0)))
        meter.read_if_due(0, ())
        program.stdout.readline()
        meter.read_if_due(100 * S, (program.pid,))
        program.stdin.write(b"\n")
        program.stdin.flush()
    assert meter.latest is not None
    assert meter.latest.program_s >= 1.0
    assert meter.latest.busy_s >= 0.9
