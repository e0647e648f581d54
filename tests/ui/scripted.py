"""A laboratory that follows a script, and everything else the app is given, frozen: no process, no clock, no chance."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from pi_tui.analysis.results import Advice, Case, Interpreter, Machine, Result, Spread, Trial, TrialKind
from pi_tui.engine.errors import HostError, UsageError
from pi_tui.engine.interpreters.interpreter_list import Survey
from pi_tui.engine.interpreters.interpreter_probe import UnusableInterpreter
from pi_tui.engine.run.estimate import Rates
from pi_tui.engine.run.events import (
    CaseFinished,
    Event,
    HostReady,
    KernelPrepared,
    Progress,
    RunFinished,
    RunStarted,
    TrialFinished,
    TrialStarted,
)
from pi_tui.engine.run.plan import Plan, make_plan
from pi_tui.engine.run.request import RunRequest
from pi_tui.host.kernels.catalog import KERNELS
from pi_tui.host.modes.catalog import MODES
from pi_tui.host.protocol import Failure, WorkerLedger
from pi_tui.ui.app import LaboratoryApp
from pi_tui.ui.bench.panes.lanes import LanesPane
from pi_tui.ui.bench.panes.results import ResultsTable
from pi_tui.ui.bench.panes.run import RunPane
from pi_tui.ui.bench.panes.scaling import ScalingPane
from pi_tui.ui.state.ports import Ports
from pi_tui.ui.state.run_preview import RunPreview
from pi_tui.ui.state.selection import Selection
from pi_tui.ui.widgets.checklist import Checklist

START_METHODS = ("spawn", "fork", "forkserver")
PYTHON = Interpreter(
    "3.11.7", "/python3.11", "3.11.7", "CPython", False, True, {"numpy": "2.4.0", "numba": "0.68.0"}, START_METHODS
)
BARE_PYTHON = Interpreter("3.12.1", "/python3.12", "3.12.1", "CPython", False, True, {}, START_METHODS)
FREE_PYTHON = Interpreter("3.14.0t", "/python3.14t", "3.14.0", "CPython", True, False, {}, START_METHODS)
BROKEN_PYTHON = UnusableInterpreter("/python3.9", "is Python 3.9.2: 3.11 or newer is needed", "3.9.2")
SECONDS = {
    "python": 0.25,
    "python-own-random": 0.25,
    "numpy-chunked": 0.004,
    "numba-parallel": 0.0005,
    "numba-simd": 0.0008,
    "numpy": 0.012,
    "numba": 0.0125,
    "numba-nogil": 0.0125,
    "numpy-sort": 0.02,
}
"""What a million samples take on one core."""

CRASH = Failure(
    "SIGSEGV",
    "the host was ended by SIGSEGV",
    "Fatal Python error: Segmentation fault\n\nCurrent thread 0x00007f (most recent call first):\n"
    '  File "kernels/numba_loop.py", line 31 in count_hits\n',
)
TURNS = Advice(
    "gil-turns",
    "Two threads took turns: each waited 49% of the time for the GIL; use numba-nogil to avoid this.",
)
DUPLICATED = Advice("duplicated-streams", "Two workers drew the same numbers.")


def machine(cores: int = 2) -> Machine:
    """A machine of as many usable cores."""
    return Machine("Linux 6.1", "A Processor", cores, cores, cores, None, cores, 16 << 30, 8 << 30)


def wall_of(case: Case, usable_cores: int, number: int) -> float:
    """Seconds of a trial: two workers help where the GIL is released or there are processes; later trials vary a little."""
    work = SECONDS[case.kernel] * case.total_samples / 1e6
    mode = MODES[case.mode]
    if mode.made_of == "processes":
        work = work / min(case.workers, usable_cores) + 0.05
    elif mode.made_of == "threads" and KERNELS[case.kernel].holds_gil is False:
        work = work / min(case.workers, usable_cores) * 1.02
    elif case.workers > 1:
        work *= 1.02
    return work * (1 + 0.01 * (number % 3))


def trial_of(case: Case, kind: TrialKind, number: int, usable_cores: int = 2) -> Trial:
    """A trial whose ledgers sum to its wall."""
    wall = wall_of(case, usable_cores, number)
    own = min(wall * 0.98, SECONDS[case.kernel] * case.task_samples[0] / 1e6)
    takes_turns = MODES[case.mode].made_of == "threads" and KERNELS[case.kernel].holds_gil is not False
    waiting = wall - own - 0.02 * wall if takes_turns and case.workers > 1 else 0.0
    workers = tuple(
        WorkerLedger(
            index, 100, 200 + index, 1, case.task_samples[0], 0.01 * wall, own, 0.0, waiting, 0.0,
            wall - 0.01 * wall - own - waiting,
        )
        for index in range(case.workers)
    )  # fmt: skip
    hits = tuple(round(samples * 0.785398) for samples in case.task_samples)
    return Trial(kind, number, wall, 1.7e9 + number, workers, hits)


def result_of(case: Case, trials: tuple[Trial, ...], repeat: int, *, usable_cores: int = 2) -> Result:
    """The result of a case with these trials so far."""
    measured = [trial for trial in trials if trial.kind == "measured"]
    walls = sorted(trial.wall_s for trial in measured or trials)
    baseline = MODES[case.mode].made_of == "calling thread"
    median = walls[len(walls) // 2]
    alone = SECONDS[case.kernel] * case.total_samples / 1e6
    turns = MODES[case.mode].made_of == "threads" and KERNELS[case.kernel].holds_gil is True and case.workers > 1
    return Result(
        case=case,
        baseline=baseline,
        status="ok",
        finished=len(measured) == repeat,
        error=None,
        repeat=repeat,
        seed=7,
        gil_enabled=True,
        free_threaded_build=False,
        trials=trials,
        wall_s=Spread(median, walls[0], walls[-1], 0.01 * median),
        samples_per_s=case.total_samples / median,
        speedup=1.0 if baseline else alone / median,
        efficiency=1.0 if baseline else alone / median / case.workers,
        estimate=3.14159 if case.kernel != "numpy-sort" else 0.50002,
        z=0.3,
        advice=(TURNS,) if turns and measured else (),
    )


def ended(case: Case, status: str, error: Failure | None, repeat: int = 5, trials: tuple[Trial, ...] = ()) -> Result:
    """The result of a case that came to nothing."""
    base = Result(
        case=case,
        baseline=False,
        status="failed",
        finished=True,
        error=error,
        repeat=repeat,
        seed=7,
        gil_enabled=True,
        free_threaded_build=False,
        trials=trials,
    )
    return replace(base, status=status)  # type: ignore[arg-type]


class ScriptedLaboratory:
    """Plans like the real one; runs by telling what would have happened, an event for each permit.

    Attributes:
        failing: kernels whose cases fail, and how.
        broken: raised in the midst of the next run.
        told: how many events were let through and taken: whoever runs it has asked for the next one.
        calls: what was asked, in order.
    """

    def __init__(self, on: Machine, python: Interpreter = PYTHON) -> None:
        self.machine = on
        self.failing: dict[str, Failure] = {}
        self.broken: HostError | None = None
        self.told = 0
        self.calls: list[str] = []
        self.requests: list[RunRequest] = []
        self.others = {each.path: each for each in (BARE_PYTHON, FREE_PYTHON)}
        self._own = python
        self._permits = threading.Semaphore(0)
        self._stopped = threading.Event()

    def permit(self, events: int = 100_000) -> None:
        """Let that many more events come."""
        self._permits.release(events)

    def plan(self, request: RunRequest) -> Plan:
        """The real plan, with the catalog's own rates and a fixed seed."""
        found = []
        for asked in request.pythons:
            if asked and asked not in self.others:
                raise UsageError(f"there is no interpreter {asked!r}")
            found.append(self.others[asked] if asked else self._own)
        return make_plan(request, self.machine, found, Rates(), seed=7)

    def run(self, plan: Plan) -> Iterator[Event]:
        """The events of a run, each when it is permitted."""
        self.calls.append("run")
        self.requests.append(plan.request)
        self._stopped.clear()
        for event in self._events(plan):
            permitted = not isinstance(event, RunFinished) and not self._stopped.is_set()
            if permitted:
                self._permits.acquire()
            if self.broken is not None and isinstance(event, TrialFinished):
                broken, self.broken = self.broken, None
                raise broken
            yield event
            self.told += permitted

    def stop(self) -> None:
        """End the run."""
        self.calls.append("stop")
        self._stopped.set()
        self._permits.release(2)

    def warm(self, request: RunRequest) -> None:
        """Only noted."""
        self.calls.append("warm")

    def pythons(self) -> Survey:
        """Frozen, and one of them broken."""
        self.calls.append("pythons")
        return Survey((self._own, *self.others.values()), (BROKEN_PYTHON,))

    def close(self) -> None:
        """End everything."""
        self.calls.append("close")
        self._stopped.set()
        self._permits.release(2)

    def _events(self, plan: Plan) -> Iterator[Event]:
        cores, repeat, warmup = self.machine.usable_cores, plan.request.repeat, plan.request.warmup_rounds
        yield RunStarted(plan.machine, plan.interpreters, plan.cases, plan.trials, plan.seed)
        trials: dict[Case, tuple[Trial, ...]] = dict.fromkeys(plan.cases, ())
        over: dict[Case, Result] = {}
        done, elapsed = 0, 0.0

        def progress() -> Progress:
            left = plan.trials - done
            return Progress(done, plan.trials, elapsed, left * 0.5)

        for missing in plan.unavailable:
            result = ended(missing.case, "unavailable", Failure("Unavailable", missing.reason), repeat)
            yield CaseFinished(result, progress())
        yield HostReady("3.11.7", 100, 99, True)
        for kernel in plan.request.kernels:
            yield KernelPrepared(kernel, "3.11.7", 0.1, 0.2)
        for number in range(warmup + repeat):
            for case in plan.cases:
                if case in over or self._stopped.is_set():
                    continue
                kind: TrialKind = "warmup" if number < warmup else "measured"
                yield TrialStarted(case, kind, number, 100, progress())
                if self._stopped.is_set():
                    continue
                if case.kernel in self.failing:
                    over[case] = ended(case, "failed", self.failing[case.kernel], repeat)
                    yield CaseFinished(over[case], progress())
                    continue
                trial = trial_of(case, kind, number, cores)
                trials[case] += (trial,)
                done, elapsed = done + 1, elapsed + trial.wall_s
                result = replace(result_of(case, trials[case], repeat, usable_cores=cores), in_app=plan.request.in_app)
                yield TrialFinished(case, trial, result, progress())
                if result.finished:
                    over[case] = result
                    yield CaseFinished(result, progress())
        for case in plan.cases:
            if case not in over:
                over[case] = ended(case, "stopped", None, repeat, trials[case])
                yield CaseFinished(over[case], progress())
        yield RunFinished(tuple(over.values()), self._stopped.is_set(), elapsed)


@dataclass
class FrozenCores:
    """Cores that always read the same; a new reading can be set."""

    busy: tuple[float | None, ...]
    reads: int = 0

    def read(self) -> FrozenCores:
        self.reads += 1
        return self


@dataclass
class FrozenHeartbeat:
    """A heart that never is late unless it is told to be."""

    p99_s: float | None = 0.002
    restarts: int = 0

    def beat(self) -> float | None:
        return self.p99_s

    def read(self) -> FrozenHeartbeat:
        return self

    def restart(self) -> None:
        self.restarts += 1


@dataclass
class HandClock:
    """A clock that a test moves."""

    now_s: float = 1000.0

    def __call__(self) -> float:
        return self.now_s


@dataclass
class Bench:
    """A scripted laboratory with everything around it, and the app over it."""

    cores: int = 2
    folder: Path = field(default_factory=Path)
    python: Interpreter = PYTHON
    ascii_only: bool = False
    light: bool = False

    def __post_init__(self) -> None:
        self.machine = machine(self.cores)
        self.laboratory = self.make_laboratory()
        self.meter = FrozenCores(tuple((0.87, 0.14, 0.03, 0.55)[core % 4] for core in range(self.cores)))
        self.heartbeat = FrozenHeartbeat()
        self.clock = HandClock()
        self.ports = Ports(
            laboratory=self.laboratory,
            machine=self.machine,
            interpreter=lambda: self.python,
            cores=lambda: self.meter,
            heartbeat=lambda: self.heartbeat,
            clock=self.clock,
            now=lambda: datetime(2026, 1, 2, 3, 4, 5),
            folder=self.folder,
            tick_s=3600.0,
        )

    def make_laboratory(self) -> ScriptedLaboratory:
        """Return the laboratory that the app is given."""
        return ScriptedLaboratory(self.machine, self.python)

    def give(self, **ports: Any) -> None:
        """Give the app other ports; it takes them when it is made."""
        assert "app" not in self.__dict__
        self.ports = replace(self.ports, **ports)

    @cached_property
    def app(self) -> LaboratoryApp:
        """The app, made when it is first asked for."""
        return LaboratoryApp(self.ports, ascii_only=self.ascii_only, light=self.light)

    # ---- what is on the screen

    def checklist(self, pane: str) -> Checklist:
        """Return a checklist by the name of its pane."""
        return self.app.bench.query_one(f"#{pane}", Checklist)

    def ticked(self, pane: str) -> tuple[str, ...]:
        """Return what a checklist shows as ticked."""
        return tuple(choice.key for choice in self.checklist(pane).choices if choice.ticked)

    @property
    def table(self) -> ResultsTable:
        """The table of results."""
        return self.app.bench.query_one(ResultsTable)

    @property
    def run_pane(self) -> RunPane:
        """The pane that says what would run."""
        return self.app.bench.query_one(RunPane)

    @property
    def lanes(self) -> LanesPane:
        """The pane of the lanes."""
        return self.app.bench.query_one(LanesPane)

    @property
    def scaling(self) -> ScalingPane:
        """The pane of the charts."""
        return self.app.bench.query_one(ScalingPane)

    # ---- what stands behind it

    @property
    def selection(self) -> Selection:
        """What is ticked and set."""
        return self.app.bench.setup.selection

    @property
    def preview(self) -> RunPreview:
        """What that would run."""
        return self.app.bench.setup.preview

    def choose(self, **changes: Any) -> None:
        """Change the selection at once, as many keys would."""
        self.app.bench.setup.choose(replace(self.selection, **changes))
