"""What a run was, in words, from its cases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pi_tui.analysis.results import Case
from pi_tui.analysis.text.formatting import human_count
from pi_tui.analysis.text.short_names import shorten_kernel_name

_SHOWN = 4


def kernels_of(cases: Sequence[Case]) -> tuple[str, ...]:
    """The kernels, each once."""
    return _distinct(case.kernel for case in cases)


def modes_of(cases: Sequence[Case]) -> tuple[str, ...]:
    """The modes, each once."""
    return _distinct(case.mode for case in cases)


def title_of(cases: Sequence[Case]) -> str:
    """Kernels, modes, workers and samples: "python, numba · sequential, threads · 1, 2 workers · 1 000 000 samples"."""
    workers = _distinct(f"{case.workers}" for case in sorted(cases, key=lambda case: case.workers))
    samples = _distinct(human_count(case.samples, " ") for case in sorted(cases, key=lambda case: case.samples))
    parts = [
        _some(_distinct(shorten_kernel_name(kernel) for kernel in kernels_of(cases))),
        _some(modes_of(cases)),
        f"{_some(workers)} worker{'' if workers == ('1',) else 's'}",
        f"{_some(samples)} sample{'' if samples == ('1',) else 's'}",
    ]
    return " · ".join(parts) if cases else "nothing"


def _distinct(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def _some(words: Sequence[str]) -> str:
    """The first few, and how many more."""
    more = len(words) - _SHOWN
    return ", ".join(words[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
