"""What is measured and what came of it: cases, trials and results, as frozen values.

They are made by the engine, read by the command line, the screen and the exporters, and never changed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from pi_tui.analysis.machine import Interpreter as Interpreter
from pi_tui.analysis.machine import Machine as Machine
from pi_tui.host.kernels.catalog import Kernel
from pi_tui.host.modes.catalog import Mode
from pi_tui.host.protocol import Failure, WorkerLedger

MAX_EXAMINED_TRIALS = 1000

TrialKind = Literal["warmup", "measured"]
Status = Literal["ok", "failed", "unavailable", "stopped"]


@dataclass(frozen=True, slots=True)
class Case:
    """Kernel x mode x start method x transport x interpreter x GIL setting x workers x tasks x samples.

    `samples` is what was asked: per task, or for all tasks together where `split`. `gil` is the setting asked of the
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
        """Samples of each task; a total that does not divide gives the first tasks one more."""
        if not self.split:
            return (self.samples,) * self.tasks
        share, rest = divmod(self.samples, self.tasks)
        return tuple(share + (index < rest) for index in range(self.tasks))

    @property
    def total_samples(self) -> int:
        """Samples of all tasks together."""
        return self.samples if self.split else self.samples * self.tasks

    def baseline(self, *, proportional: bool) -> Case:
        """The case it is compared with: one task in mode `sequential`.

        A kernel whose cost is not proportional to its samples is compared at the task's own size.
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
    """One timed execution of a case. `results` holds what each task returned (hits), in the order of tasks."""

    kind: TrialKind
    number: int
    wall_s: float
    started_at: float
    workers: tuple[WorkerLedger, ...]
    results: tuple[int | float | None, ...]
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spread:
    """Wall seconds of the measured trials."""

    median: float
    min: float
    max: float
    mad: float


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a figure lies with the confidence `level`, in the figure's own unit."""

    low: float
    high: float
    level: float = 0.95

    @property
    def half_width(self) -> float:
        """Half of its width: what stands behind a "±"."""
        return (self.high - self.low) / 2.0


@dataclass(frozen=True, slots=True)
class Losses:
    """What became of the ideal: `workers` = `speedup` + all losses, each in units of workers.

    The losses are those of the worker that finished last, in the trial with the lower median wall. `speedup` is the
    useful work (the baseline's CPU time for as many samples) by the wall. `waiting` is the sum of its three parts where
    lanes were seen; the parts are None otherwise. `queued` is None where the system does not tell it: `waiting` then
    holds it as well. `extra` and `imbalance` may be negative.
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
class Conditions:
    """What a result was measured with, as far as figures and verdicts depend on it.

    `gil_reenabled_by` names the module whose import turned the GIL of a free-threaded build on. `until_stable` is the
    half-width of the median's interval that trials were repeated for, as a share of it.
    """

    kernel: Kernel
    mode: Mode
    machine: Machine
    gil_reenabled_by: str | None = None
    until_stable: float | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """A typed remark on a result.

    Attributes:
        code: one of `analysis.advice.CODES`.
        sentence: what a person reads.
        evidence: the numbers behind it.
    """

    code: str
    sentence: str
    evidence: dict[str, float | int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """A case with everything that is known of it so far.

    While the case runs, `status` is "ok" and `finished` is False: figures are of the trials so far (of the warm-up alone
    before the first measured one). A figure that is not known is None.

    `speedup_interval` is a bootstrap's over the trials of the case and of its baseline. `serial_fraction` is Karp and
    Flatt's (`analysis.laws.karp_flatt`).
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

    @property
    def measured_trials(self) -> tuple[Trial, ...]:
        """The trials that count."""
        return tuple(trial for trial in self.trials if trial.kind == "measured")

    @property
    def examined_trials(self) -> tuple[Trial, ...]:
        """The trials whose ledgers tell where the time went: the measured ones, or all before there are any.

        Of more than `MOST_LOOKED_INTO` it is at most so many, spread evenly over the run: a share is as sure by then, and to
        open a run of a hundred thousand trials does not take unpacking them all.
        """
        trials = self.measured_trials or self.trials
        return trials[:: max(1, -(-len(trials) // MAX_EXAMINED_TRIALS))]
