"""Scripted lanes and losses: the turns that threads take, letter by letter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from textual.pilot import Pilot

from pi_tui.analysis.losses import cpu_s_per_sample, decompose_losses
from pi_tui.analysis.results import Case, Result, TrialKind
from pi_tui.engine.run.events import CaseFinished, Event, LanesMoved, RunFinished, TrialFinished, TrialStarted
from pi_tui.engine.run.plan import Plan
from pi_tui.host.kernels.catalog import KERNELS
from pi_tui.host.modes.catalog import MODES
from pi_tui.host.protocol import LanePiece, LanesSeen
from pi_tui.ui.state.lane_history import Lane, LanesView
from tests.ui.pilot import until
from tests.ui.scripted import Bench, ScriptedLaboratory, trial_of

TICKS = 400
"""Ticks of a scripted trial."""

PIECE = 100
"""Ticks that are told at once."""


def letters_of(case: Case, worker: int, ticks: int = TICKS) -> str:
    """Turns of 5 ms where the GIL is held by one of several threads; running all along otherwise."""
    threads = MODES[case.mode].made_of == "threads" and case.workers > 1
    if not threads or KERNELS[case.kernel].holds_gil is False or case.gil is False:
        return "..." + "R" * (ticks - 4) + "-"
    turn = ["GGGGG"] * case.workers
    turn[worker % case.workers] = "RRRRR"
    return ("..." + "".join(turn) * ticks)[:ticks]


def seen(case: Case, trial: int, first: int, last: int, *, period_ns: int = 1_000_000, **more: Any) -> LanesSeen:
    """The ticks from `first` to before `last` of every worker."""
    lanes = tuple(
        LanePiece(worker, 100, 200 + worker, letters_of(case, worker)[first:last]) for worker in range(case.workers)
    )
    return LanesSeen(trial, 0, period_ns, first, last - 4, 4, more.pop("certainty", "system call"), lanes, **more)


def moved(case: Case, kind: TrialKind, number: int, trial: int) -> Iterator[LanesMoved]:
    """A trial's lanes, as they come."""
    for first in range(0, TICKS, PIECE):
        yield LanesMoved(case, kind, number, seen(case, trial, first, first + PIECE))
    yield LanesMoved(case, kind, number, seen(case, trial, TICKS, TICKS, ended=True))


def view_of(workers: int, ticks: int = TICKS, **changes: Any) -> LanesView:
    """Lanes of threads that take turns."""
    case = Case("python", "threads", None, None, "3.11.7", None, workers, workers, 1000)
    lanes = tuple(Lane(f"w{worker}", letters_of(case, worker, ticks)) for worker in range(workers))
    return LanesView("python threads · trial 1", lanes, 0, 1_000_000, 991.0, "system call", False)._replace(**changes)


def with_losses(result: Result, usable_cores: int) -> Result:
    """A result whose lanes were seen: its waiting is the GIL's, and its losses are known."""
    trials = tuple(
        replace(
            trial,
            workers=tuple(
                replace(worker, gil_wait_s=worker.waiting_s, lock_wait_s=0.0, io_wait_s=0.0) for worker in trial.workers
            ),
        )
        for trial in result.trials
    )
    result = replace(result, trials=trials)
    alone = result.case.baseline(proportional=KERNELS[result.case.kernel].proportional)
    cost = cpu_s_per_sample([trial_of(alone, "measured", 1, usable_cores)])
    if not trials or cost is None:
        return result
    losses = decompose_losses(trials[-1], workers=result.case.workers, baseline_cpu_s_per_sample=cost)
    return replace(result, losses=losses)


class WatchedLaboratory(ScriptedLaboratory):
    """Tells of lanes and losses as well."""

    def _events(self, plan: Plan) -> Iterator[Event]:
        trial = 0
        cores = self.machine.usable_cores
        for event in super()._events(plan):
            match event:
                case TrialFinished() | CaseFinished():
                    yield replace(event, result=with_losses(event.result, cores))
                case RunFinished():
                    yield replace(event, results=tuple(with_losses(each, cores) for each in event.results))
                case TrialStarted():
                    trial += 1
                    yield event
                    if not plan.request.in_app:
                        yield from moved(event.case, event.kind, event.number, trial)
                case _:
                    yield event


class WatchedBench(Bench):
    """A bench whose laboratory tells of lanes and losses."""

    def make_laboratory(self) -> ScriptedLaboratory:
        return WatchedLaboratory(self.machine, self.python)


EVENTS_OF_A_TRIAL = 7
"""Its start, four pieces of lanes, their end, and what came of it."""

EVENTS_BEFORE_TRIALS = 4
"""The run's start, a host, and two kernels."""


async def run_until_shown(pilot: Pilot[Any], bench: Bench, trials: int, pieces: int) -> None:
    """Press r and let some trials come whole, and of the next so many pieces of lanes; they are on the screen then."""
    bench.laboratory.permit(EVENTS_BEFORE_TRIALS + trials * EVENTS_OF_A_TRIAL + 1 + pieces)
    await pilot.press("r")
    await shown(pilot, bench, pieces * PIECE)


async def shown(pilot: Pilot[Any], bench: Bench, ticks: int, *, ended: bool = False) -> None:
    """Wait until a trial's first ticks are all on the screen."""

    def taken_in() -> bool:
        bench.app.run_control.drain()
        trial = bench.app.session.lanes.latest
        view = trial.view() if trial is not None else None
        active = bench.app.session.active_case
        return view is not None and view.ticks == ticks and view.ended is ended and trial_of_view(view, active)

    await until(pilot, taken_in, f"{ticks} ticks of lanes")


def trial_of_view(view: LanesView, active: Case | None) -> bool:
    """Whether lanes are of the case whose trial is under way."""
    return active is not None and view.title.startswith(f"{active.kernel} {active.mode}")
