"""The values of scaling: points and series, made of results by `analysis.scaling`, drawn by charts, fitted by laws.

Two kinds of scaling are told apart everywhere. *Strong*: one total is shared among the workers, however many they are.
*Weak*: every worker has a task of the same size, so that the work grows with the workers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from pi_tui.analysis.results import Interval

Scaling = Literal["strong", "weak"]


@dataclass(frozen=True, slots=True)
class SeriesKey:
    """What all points of a series have in common; None stands for what the series runs over, or does not have.

    Attributes:
        samples: of a task where `scaling` is weak or `tasks` is given without `split`; of all tasks where `split`.
        tasks: None where every worker has one.
    """

    kernel: str
    mode: str
    start_method: str | None
    transport: str | None
    python: str
    gil: bool | None
    chunksize: int | None
    split: bool
    scaling: Scaling | None = None
    workers: int | None = None
    tasks: int | None = None
    samples: int | None = None


@dataclass(frozen=True, slots=True)
class ScalingPoint:
    """A speed-up at a number of workers.

    Attributes:
        interval: of the speed-up; None where there were too few trials for one.
        ideal: the smaller of workers and usable cores.
        walls_s: of the measured trials, in seconds.
        baseline_walls_s: of the baseline's; the same object for all points that are compared with the same baseline.
        baselines: how many times the baseline's work was done.
        serial_fraction: Karp and Flatt's.
    """

    workers: int
    speedup: float
    interval: Interval | None
    ideal: int
    walls_s: tuple[float, ...]
    baseline_walls_s: tuple[float, ...]
    baselines: float
    serial_fraction: float | None = None


@dataclass(frozen=True, slots=True)
class ScalingSeries:
    """Speed-up against workers, in the order of workers. `name` tells it from the others of the same call."""

    key: SeriesKey
    name: str
    points: tuple[ScalingPoint, ...]
    usable_cores: int

    @property
    def kernel(self) -> str:
        """The kernel's name."""
        return self.key.kernel

    @property
    def mode(self) -> str:
        """The mode's name."""
        return self.key.mode

    @property
    def strong(self) -> bool:
        """One total shared by all workers; otherwise as much work for each."""
        return self.key.scaling == "strong"


@dataclass(frozen=True, slots=True)
class SizePoint:
    """A wall at a number of samples.

    Attributes:
        total_samples: of all tasks together: what series of different tasks have in common.
        samples: as asked: of a task, or of all where split.
        interval: of the median wall, in seconds.
        speedup: over the same work in mode `sequential`.
        walls_s: of the measured trials, in seconds.
        baseline_walls_s: of those of what the speed-up is over, and `baselines` is how many times the work of that was done.
    """

    total_samples: int
    samples: int
    wall_s: float
    interval: Interval | None
    speedup: float | None
    walls_s: tuple[float, ...] = ()
    baseline_walls_s: tuple[float, ...] = ()
    baselines: float = 1.0


@dataclass(frozen=True, slots=True)
class SizeSeries:
    """Wall against samples, in the order of samples; drawn log-log."""

    key: SeriesKey
    name: str
    points: tuple[SizePoint, ...]


@dataclass(frozen=True, slots=True)
class GrainPoint:
    """A wall at a number of tasks that one total was cut into.

    Attributes:
        task_s: wall by tasks, in seconds.
        interval: of `task_s`.
        task_samples: of the largest task.
        walls_s: of the measured trials.
    """

    tasks: int
    task_samples: int
    wall_s: float
    task_s: float
    interval: Interval | None
    walls_s: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class GrainSeries:
    """One total, cut ever finer, in the order of the number of tasks."""

    key: SeriesKey
    name: str
    points: tuple[GrainPoint, ...]


@dataclass(frozen=True, slots=True)
class BreakEven:
    """From which size on one way overtakes another, by the interpolation of both curves between the sizes measured.

    Attributes:
        faster: the series that overtakes.
        over: the mode it is held against: "sequential" (the same work, one task after another) or a mode of threads.
        samples: as asked: of a task, or of all where split; None where the curves do not cross in what was measured.
        total_samples: of all tasks together.
        wall_s: of both, where they cross.
        always: ahead at every size that was measured.
        sentence: all of this in words.
        interval: of `samples`, from the trials; 0 and infinity stand for less and more than was measured. None where there were
            too few trials. It is known also where the curves do not cross: resamples of the trials may.
    """

    faster: SeriesKey
    over: str
    samples: float | None
    total_samples: float | None
    wall_s: float | None
    always: bool
    sentence: str
    interval: Interval | None = None


def name_series(keys: Sequence[SeriesKey]) -> tuple[str, ...]:
    """What tells each key from the others, as short as that: "numba · threads", "python · process-pool · fork"."""
    telling = [part for part in _NAME_PARTS if len({part(key) for key in keys} - {""}) > 1]
    return tuple(" · ".join(filter(None, [key.kernel, key.mode, *(part(key) for part in telling)])) for key in keys)


def _describe_samples(key: SeriesKey) -> str:
    if key.samples is None:
        return ""
    return f"{key.samples:,}".replace(",", " ") + (" samples in all" if key.split else " samples a task")


_NAME_PARTS: tuple[Callable[[SeriesKey], str], ...] = (
    lambda key: key.start_method or "",
    lambda key: key.transport or "",
    lambda key: key.python and f"Python {key.python}",
    lambda key: "" if key.gil is None else f"GIL {'on' if key.gil else 'off'}",
    lambda key: "" if key.chunksize is None else f"chunks of {key.chunksize}",
    lambda key: key.scaling or "",
    lambda key: "" if key.workers is None else f"{key.workers} worker{'s' * (key.workers != 1)}",
    lambda key: "one task a worker" if key.tasks is None else f"{key.tasks} task{'s' * (key.tasks != 1)}",
    _describe_samples,
)
