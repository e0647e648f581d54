"""Cases, trials and results as frozen values.

The engine makes them; the command line, the screen and the exporters read them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from pi_tui.analysis.machine import Interpreter as Interpreter
from pi_tui.analysis.machine import Machine as Machine
from pi_tui.host.kernels.catalog import Kernel
from pi_tui.host.modes.catalog import MadeOf, Mode
from pi_tui.host.protocol import NO_FACTS, CoreAccount, Failure, TrialFacts, WorkerLedger

MAX_EXAMINED_TRIALS = 1000
"""The most trials whose ledgers are examined for one result."""

TrialKind = Literal["warmup", "measured"]
Status = Literal["ok", "failed", "unavailable", "stopped"]


@dataclass(frozen=True, slots=True)
class Case:
    """Kernel x mode x start method x transport x interpreter x GIL setting x workers x tasks x samples.

    `samples` is the requested number: per task, or of all tasks together if `split`. `gil` is the setting requested from the
    interpreter: None leaves it as it is.
    """

    kernel: str
    mode: str
    start_method: str | None
    transport: str | None
    python: str
    gil: bool | None
    workers: int
    tasks: int
    samples: int
    split: bool = False
    chunksize: int | None = None

    @property
    def task_samples(self) -> tuple[int, ...]:
        """Samples of each task; if a total does not divide evenly, the first tasks get one more."""
        if not self.split:
            return (self.samples,) * self.tasks
        share, rest = divmod(self.samples, self.tasks)
        return tuple(share + (index < rest) for index in range(self.tasks))

    @property
    def total_samples(self) -> int:
        """Samples of all tasks together."""
        return self.samples if self.split else self.samples * self.tasks

    def baseline(self, *, proportional: bool) -> Case:
        """Return the case that this one is compared with: one task in mode `sequential`.

        A kernel whose cost is not proportional to its samples is compared at the size of one task.
        """
        samples = self.samples if proportional else self.task_samples[0]
        return replace(
            self,
            mode="sequential",
            start_method=None,
            transport=None,
            chunksize=None,
            workers=1,
            tasks=1,
            samples=samples,
            split=False,
        )


@dataclass(frozen=True, slots=True)
class Trial:
    """One timed execution of a case. `results` holds what each task returned (hits), in task order.

    `facts` is what was measured besides the ledger; of trials that were stored by earlier versions nothing is known.
    """

    kind: TrialKind
    number: int
    wall_s: float
    started_at: float
    workers: tuple[WorkerLedger, ...]
    results: tuple[int | float | None, ...]
    faults: tuple[str, ...] = ()
    facts: TrialFacts = NO_FACTS


@dataclass(frozen=True, slots=True)
class Spread:
    """Wall seconds of the measured trials."""

    median: float
    min: float
    max: float
    mad: float


@dataclass(frozen=True, slots=True)
class Interval:
    """The range of a figure at the confidence `level`, in the figure's own unit."""

    low: float
    high: float
    level: float = 0.95

    @property
    def half_width(self) -> float:
        """Half of the width: the figure behind "±"."""
        return (self.high - self.low) / 2.0


@dataclass(frozen=True, slots=True)
class Losses:
    """Where the ideal speed-up went: `workers` = `speedup` + all losses, each in units of workers.

    The losses are those of the worker that finished last, in the trial with the lower median wall. `speedup` is the useful work
    (the baseline's CPU time for as many samples) divided by the wall. `waiting` is the sum of its three parts if lanes were
    observed; otherwise the parts are None. `queued` is None if the system does not report it: `waiting` then includes it.
    `extra` and `imbalance` may be negative.
    """

    speedup: float
    startup: float
    queued: float | None
    waiting: float
    gil_wait: float | None
    lock_wait: float | None
    io_wait: float | None
    between: float
    extra: float
    imbalance: float
    collect: float
    workers: int
    worker: int
    trial: int


@dataclass(frozen=True, slots=True)
class NeighbouringRow:
    """Another row of the same run: the same kernel, interpreter and samples, with another mode or number of workers.

    `speedup` compares it with the baseline that both rows share. `made_of` is what its workers are.
    """

    mode: str
    made_of: MadeOf
    start_method: str | None
    workers: int
    tasks: int
    speedup: float


@dataclass(frozen=True, slots=True)
class Conditions:
    """How a result was measured, as far as figures and verdicts depend on it.

    `gil_reenabled_by` names the module whose import turned on the GIL of a free-threaded build. `until_stable` is the requested
    half-width of the median's interval, as a share of the median; trials were repeated to reach it. `estimates` counts the
    cases of the run, each with an estimate of its own: the most striking of many may be chance. `neighbours` are the rows
    that show what another mode or number of workers gains.
    """

    kernel: Kernel
    mode: Mode
    machine: Machine
    gil_reenabled_by: str | None = None
    until_stable: float | None = None
    estimates: int = 1
    neighbours: tuple[NeighbouringRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Advice:
    """A typed verdict on a result.

    Attributes:
        code: one of `analysis.advice.codes.AdviceCode`.
        sentence: the text shown to users.
        evidence: the numbers behind it.
    """

    code: str
    sentence: str
    evidence: dict[str, float | int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """A case with all figures known so far.

    While the case runs, `status` is "ok" and `finished` is False, and the figures are those of the trials so far (of the
    warm-up alone before the first measured one). An unknown figure is None.

    `speedup_interval` is a bootstrap interval over the trials of the case and of its baseline. `serial_fraction` is Karp and
    Flatt's (`analysis.scaling.scaling_laws.karp_flatt`).
    `cores` is who used the cores, as the median of the trials; `changed` is what the kernel changed in its host, one phrase per
    change; None if that is unknown, as in runs stored before the field existed.
    """

    case: Case
    baseline: bool
    status: Status
    finished: bool
    error: Failure | None
    repeat: int
    seed: int
    gil_enabled: bool | None
    free_threaded_build: bool
    trials: tuple[Trial, ...] = ()
    wall_s: Spread | None = None
    samples_per_s: float | None = None
    speedup: float | None = None
    efficiency: float | None = None
    estimate: float | None = None
    z: float | None = None
    losses: Losses | None = None
    advice: tuple[Advice, ...] = ()
    in_app: bool = False
    speedup_interval: Interval | None = None
    serial_fraction: float | None = None
    cores: CoreAccount | None = None
    changed: tuple[str, ...] | None = None

    @property
    def measured_trials(self) -> tuple[Trial, ...]:
        """The trials that count: all but the warm-up."""
        return tuple(trial for trial in self.trials if trial.kind == "measured")

    @property
    def examined_trials(self) -> tuple[Trial, ...]:
        """The trials whose ledgers tell where the time went: the measured ones, or all before there are any.

        At most `MAX_EXAMINED_TRIALS`, spread evenly over the run: a share is accurate enough by then, and a stored run of a
        hundred thousand trials opens without unpacking all of them.
        """
        trials = self.measured_trials or self.trials
        return trials[:: max(1, -(-len(trials) // MAX_EXAMINED_TRIALS))]
