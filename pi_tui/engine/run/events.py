"""What happens in a run, as frozen values in the order it happens.

The screen, the command line and the exporters consume the same stream, from `engine.laboratory.Laboratory.run`:

RunStarted; HostReady for each host and KernelPrepared for each kernel when they are first needed; TrialStarted, LanesMoved and
TrialFinished for each trial, with the case's Result so far; CaseFinished once per case; and RunFinished last. HostDisturbed
may come at any time between.
"""

from __future__ import annotations

from dataclasses import dataclass

from pi_tui.analysis.results import Case, Interpreter, Machine, Result, Trial, TrialKind
from pi_tui.host.protocol import LanesSeen, UserKernelInfo


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: finished trials, total trials, seconds elapsed, and an estimate of the seconds left.

    If trials are repeated until they are stable, `total` is an estimate too, and may change either way.
    """

    done: int
    total: int
    elapsed_s: float
    left_s: float


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The plan is made. `cases` holds everything that will run (baselines included) and what is unavailable."""

    machine: Machine
    interpreters: tuple[Interpreter, ...]
    cases: tuple[Case, ...]
    trials: int
    seed: int


@dataclass(frozen=True, slots=True)
class HostReady:
    """A host is ready for requests."""

    python: str
    pid: int
    observer_pid: int
    gil_enabled: bool


@dataclass(frozen=True, slots=True)
class HostDisturbed:
    """Something from outside disturbed a host, and a trial lost part of what would have been measured; the run goes on."""

    sentence: str


@dataclass(frozen=True, slots=True)
class KernelPrepared:
    """A kernel was imported and compiled, outside all timing.

    Attributes:
        found: what a user's function turned out to be; None for kernels of the catalog.
        threading_layer: what starts threads inside a call of the kernel; None if nothing does.
    """

    kernel: str
    python: str
    import_s: float
    compile_s: float
    found: UserKernelInfo | None = None
    threading_layer: str | None = None


@dataclass(frozen=True, slots=True)
class TrialStarted:
    """A trial starts."""

    case: Case
    kind: TrialKind
    number: int
    host_pid: int
    progress: Progress


@dataclass(frozen=True, slots=True)
class LanesMoved:
    """What the workers of the current trial did since the last such event, as the observer saw it.

    Comes five times per second, and once more when the trial is over (`lanes.ended`, with its totals). `one_gil`: the workers
    are threads that cannot even start while another one holds the GIL.
    """

    case: Case
    kind: TrialKind
    number: int
    lanes: LanesSeen
    one_gil: bool = False


@dataclass(frozen=True, slots=True)
class TrialFinished:
    """A trial is done. `result` is the case with this trial, or as it was at most 2 % of its trials ago."""

    case: Case
    trial: Trial
    result: Result
    progress: Progress


@dataclass(frozen=True, slots=True)
class CaseFinished:
    """Nothing more follows for this case: all trials ran, or it failed, was unavailable, or was stopped."""

    result: Result
    progress: Progress


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The run is over. `stopped` if the user ended it."""

    results: tuple[Result, ...]
    stopped: bool
    elapsed_s: float


Event = (
    RunStarted
    | HostReady
    | HostDisturbed
    | KernelPrepared
    | TrialStarted
    | LanesMoved
    | TrialFinished
    | CaseFinished
    | RunFinished
)
