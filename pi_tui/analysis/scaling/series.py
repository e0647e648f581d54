"""Series and their points: built from results, drawn by charts, fitted by laws.

Two kinds of scaling are distinguished. *Strong*: one total is divided among the workers. *Weak*: every worker has a task of
the same size, so the work grows with the workers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from pi_tui.analysis.results import Interval

Scaling = Literal["strong", "weak"]


@dataclass(frozen=True, slots=True)
class SeriesKey:
    """What all points of a series have in common; None for the varied dimension, or for a setting that does not apply.

    Attributes:
        samples: per task if `scaling` is weak or `tasks` is given without `split`; of all tasks together if `split`.
        tasks: None if every worker has one task.
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
        interval: of the speed-up; None for too few trials.
        ideal: the smaller of workers and usable cores.
        walls_s: of the measured trials, in seconds.
        baseline_walls_s: of the baseline's trials; the same object for all points that are compared with the same baseline.
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
    """Speed-up against workers, in the order of workers. `name` is unique among the series built together."""

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
        """Whether one total is divided among the workers; otherwise each has as much work."""
        return self.key.scaling == "strong"


@dataclass(frozen=True, slots=True)
class SizePoint:
    """A wall at a number of samples.

    Attributes:
        total_samples: of all tasks together; comparable between series with different tasks.
        samples: as requested: per task, or of all tasks together if split.
        interval: of the median wall, in seconds.
        speedup: relative to the same work in mode `sequential`.
        walls_s: of the measured trials, in seconds.
        baseline_walls_s: of the baseline's trials, in seconds; `baselines` is how many times its work was done.
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
    """Wall against samples, in the order of samples; drawn on logarithmic axes."""

    key: SeriesKey
    name: str
    points: tuple[SizePoint, ...]


@dataclass(frozen=True, slots=True)
class GrainPoint:
    """A wall at a number of tasks that one total was divided into.

    Attributes:
        task_s: wall / tasks, in seconds.
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
    """One total divided into more and more tasks, in the order of the number of tasks."""

    key: SeriesKey
    name: str
    points: tuple[GrainPoint, ...]


@dataclass(frozen=True, slots=True)
class BreakEven:
    """The size from which one mode overtakes another, interpolated between the measured sizes.

    Attributes:
        faster: the series that overtakes.
        over: the mode it is compared with: "sequential" (the same work, one task after another) or a mode of threads.
        samples: as requested: per task, or of all tasks together if split; None if the measured curves do not cross.
        total_samples: of all tasks together.
        wall_s: of both, where they cross.
        always: faster at every measured size.
        sentence: the text shown to users.
        interval: of `samples`, from the trials; 0 and infinity mean below and above the measured sizes. None for too few
            trials. It exists even if the measured curves do not cross: resamples of the trials may.
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
    """Return the shortest names that tell the keys apart: "numba · threads", "python · process-pool · fork"."""
    telling = [part for part in _NAME_PARTS if len({part(key) for key in keys} - {""}) > 1]
    return tuple(" · ".join(filter(None, [key.kernel, key.mode, *(part(key) for part in telling)])) for key in keys)


def _describe_samples(key: SeriesKey) -> str:
    if key.samples is None:
        return ""
    return f"{key.samples:,}".replace(",", " ") + (" samples in total" if key.split else " samples per task")


_NAME_PARTS: tuple[Callable[[SeriesKey], str], ...] = (
    lambda key: key.start_method or "",
    lambda key: key.transport or "",
    lambda key: key.python and f"Python {key.python}",
    lambda key: "" if key.gil is None else f"GIL {'on' if key.gil else 'off'}",
    lambda key: "" if key.chunksize is None else f"chunks of {key.chunksize}",
    lambda key: key.scaling or "",
    lambda key: "" if key.workers is None else f"{key.workers} worker{'s' * (key.workers != 1)}",
    lambda key: "one task per worker" if key.tasks is None else f"{key.tasks} task{'s' * (key.tasks != 1)}",
    _describe_samples,
)
