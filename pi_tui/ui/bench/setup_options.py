"""The choices that the checklists offer for a selection."""

from __future__ import annotations

from pi_tui.analysis.text.formatting import span
from pi_tui.analysis.text.short_names import shorten_kernel_name
from pi_tui.host.modes.catalog import MODES
from pi_tui.ui.drawing.checklist_row import Choice
from pi_tui.ui.state.row_fields import format_count
from pi_tui.ui.state.run_preview import RunPreview
from pi_tui.ui.state.selection import PRESET_SAMPLES, Selection, list_mode_options, list_worker_presets

CUSTOM = "custom"

_OPTION_ACTIONS = ("start_method", "transport")


def list_kernel_choices(selection: Selection, preview: RunPreview) -> list[Choice]:
    """Return the kernels of the catalog and the user's, and the choice that adds one."""
    choices = [
        Choice(
            name,
            shorten_kernel_name(name),
            kernel.summary,
            name in selection.kernels,
            reason=preview.kernel_refusal(name),
        )
        for name, kernel in selection.kernels_by_name.items()
    ]
    return [*choices, Choice(CUSTOM, "open a file", "A function of your own: ./work.py:func (f, or Enter)", adds=True)]


def list_mode_choices(selection: Selection, preview: RunPreview) -> list[Choice]:
    """Return the modes of the catalog, with their options."""
    return [
        Choice(
            name,
            name,
            mode.summary,
            name in selection.modes,
            tuple(zip(list_mode_options(name, selection), _OPTION_ACTIONS, strict=False)),
            preview.mode_refusal(name),
        )
        for name, mode in MODES.items()
    ]


def list_sample_choices(selection: Selection) -> list[Choice]:
    """Return powers of ten, the user's numbers, and the choice that adds one."""
    counts = sorted({*PRESET_SAMPLES, *selection.more_samples})
    choices = [
        Choice(
            f"{count}",
            _format_samples(count),
            _describe_samples(selection, count),
            count in selection.samples,
            detail=_list_durations(selection, count),
        )
        for count in counts
    ]
    return [*choices, Choice(CUSTOM, "custom", "A number of your own: 2e6, 10M, 1e3-1e5 ... (Enter)", adds=True)]


def list_worker_choices(selection: Selection, usable_cores: int) -> list[Choice]:
    """Return 1, 2, 4 ... up to four times the usable cores, the user's counts, and the choice that adds one."""
    counts = sorted({*list_worker_presets(usable_cores), *selection.more_workers})
    choices = [
        Choice(
            f"{count}",
            format_count(count),
            _describe_workers(count, usable_cores),
            count in selection.workers,
            detail=f"more than the {usable_cores} usable cores" if count > usable_cores else "",
        )
        for count in counts
    ]
    return [*choices, Choice(CUSTOM, "custom", "Counts of your own: 3, 1-8, 16 ... (Enter)", adds=True)]


def _format_samples(count: int) -> str:
    """Return a number of samples; from 10⁹ on with an exponent, where that is exact."""
    short = f"{count:.3e}".replace("e+", "e").replace(".000", "").replace("e0", "e")
    return short if count >= 10**9 and float(short) == count else format_count(count)


def _describe_samples(selection: Selection, count: int) -> str:
    """Return the size, and how long one task of it takes."""
    durations = _list_durations(selection, count)
    sentence = f"{format_count(count)} samples for each task"
    return f"{sentence}, on one core: {durations}" if durations else sentence


def _list_durations(selection: Selection, count: int) -> str:
    """Return how long a task of `count` samples takes by the typical rates of the ticked kernels; user's kernels have none."""
    kernels = (selection.kernels_by_name[name] for name in selection.request().kernels)
    return ", ".join(
        f"{kernel.name} ≈ {span(count / kernel.typical_samples_per_s)}" for kernel in kernels if kernel.own is None
    )


def _describe_workers(count: int, usable_cores: int) -> str:
    workers = f"{format_count(count)} worker{'s' if count != 1 else ''}, one task each"
    if count > usable_cores:
        return f"{workers}: more than the {usable_cores} usable cores, so some are queued"
    return workers
