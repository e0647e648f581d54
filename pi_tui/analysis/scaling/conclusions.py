"""What a whole run says of scaling, in sentences: laws and their predictions, break-even sizes, the cost of a task."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pi_tui.analysis.results import Result
from pi_tui.analysis.scaling import task_overhead
from pi_tui.analysis.scaling.build_series import break_evens, grain_series, scaling_series
from pi_tui.analysis.scaling.scaling_laws import Fit, carried_further, fits, predicted, told
from pi_tui.analysis.scaling.series import ScalingSeries
from pi_tui.analysis.text.formatting import speedup_text

WHAT_IF = (64, 1024)
"""Numbers of workers that a law is carried to."""


def conclusions(results: Iterable[Result], usable_cores: int, more_counts: str = "") -> tuple[str, ...]:
    """Paragraphs; none of what was not varied. `more_counts` says how more numbers of workers are asked for."""
    results = tuple(results)
    return (
        *(
            sentence
            for series in scaling_series(results, usable_cores)
            if len(series.points) > 1
            for sentence in _scaling(series, more_counts)
        ),
        *(each.sentence for each in break_evens(results)),
        *(task_overhead.told(series) for series in grain_series(results)),
    )


def kind_of_scaling(series: ScalingSeries) -> str:
    """Strong or weak, with what that means."""
    return "strong scaling, one total shared" if series.strong else "weak scaling, as much work for every worker"


def _scaling(series: ScalingSeries, more_counts: str) -> Iterator[str]:
    measured = ", ".join(f"{speedup_text(point.speedup)} with {point.workers}" for point in series.points)
    yield f"{series.name} ({kind_of_scaling(series)}): {measured}."
    for found in fits(series):
        if not isinstance(found, Fit):
            yield f"{found.sentence} {more_counts if found.lacks_counts else ''}".rstrip()
            continue
        if not carried_further(found):
            yield f"{told(found)} It is too far off to be carried to more workers."
            continue
        beyond = [workers for workers in WHAT_IF if workers > found.counts[-1]]
        carried = "; ".join(predicted(found, workers) for workers in beyond)
        yield f"{told(found)} {carried}{'; predictions, not measured.' if carried else ''}".strip()
