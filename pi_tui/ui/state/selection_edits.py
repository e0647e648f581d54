"""Changes of the selection by a person's choices: one pure function for each kind of choice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pi_tui.engine.errors import UsageError
from pi_tui.engine.number_parsing import parse_count, parse_counts, parse_percent
from pi_tui.host.modes.catalog import MODES
from pi_tui.ui.state.selection import MOST_REPEATS, Selection, cycle_start_methods, cycle_transports, toggle

if TYPE_CHECKING:
    from pi_tui.host.kernels.catalog import Kernel


def toggle_choice(selection: Selection, pane: str, key: str) -> Selection:
    """Tick or untick a choice of a pane."""
    if pane == "kernel":
        return replace(selection, kernels=toggle(selection.kernels, key, tuple(selection.kernels_by_name)))
    if pane == "mode":
        return replace(selection, modes=toggle(selection.modes, key, tuple(MODES)))
    count = int(key)
    if pane == "samples":
        return replace(selection, samples=toggle(selection.samples, count, sorted({*selection.samples, count})))
    return replace(selection, workers=toggle(selection.workers, count, sorted({*selection.workers, count})))


def cycle_option(selection: Selection, option: str) -> Selection:
    """Choose the next start method or transport."""
    if option == "start_method":
        return replace(selection, start_methods=cycle_start_methods(selection.start_methods))
    return replace(selection, transports=cycle_transports(selection.transports))


def change_repeats(selection: Selection, step: int) -> Selection:
    """Add `step` repeats, within 1 and `MOST_REPEATS`."""
    return replace(selection, repeat=min(MOST_REPEATS, max(1, selection.repeat + step)))


def apply_answer(selection: Selection, purpose: str, text: str) -> Selection:
    """Return the selection with the value that was typed for a purpose (a key of `QUESTIONS`).

    Raises:
        UsageError: the text is no such value.
    """
    if purpose == "kernel":
        return selection.add_user_kernel(_resolve_kernel(text, selection), ticked=True)
    if purpose == "samples":
        counts = parse_counts(text)
        return replace(
            selection,
            samples=tuple(sorted({*selection.samples, *counts})),
            more_samples=tuple(sorted({*selection.more_samples, *counts})),
        )
    if purpose == "workers":
        from pi_tui.engine.run.limits import check_workers

        counts = parse_counts(text)
        check_workers(counts)
        return replace(
            selection,
            workers=tuple(sorted({*selection.workers, *counts})),
            more_workers=tuple(sorted({*selection.more_workers, *counts})),
        )
    if purpose == "repeats":
        if text.strip().endswith("%"):
            return replace(selection, until_stable=parse_percent(text))
        repeat = parse_count(text)
        if repeat > MOST_REPEATS:
            raise UsageError(f"at most {MOST_REPEATS} repeats")
        return replace(selection, repeat=repeat, until_stable=None)
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    return replace(selection, pythons=names)


def _resolve_kernel(text: str, selection: Selection) -> Kernel:
    """Return the user's kernel that a text names.

    Raises:
        UsageError: there is none, or its file has a syntax error for the app's Python where no other one is ticked.
    """
    from pi_tui.engine.user_kernels.user_kernels import check_syntax, resolve_kernel

    kernel = resolve_kernel(text, {}, Path.cwd())
    if not any(selection.pythons):
        check_syntax(kernel, Path.cwd())
    return kernel


class Question(NamedTuple):
    """What the prompt asks: its label, and an example shown while nothing is typed."""

    label: str
    example: str


QUESTIONS = {
    "kernel": Question("File and function", "./work.py:func, ./work.py:func(depth=3) or package.module:func"),
    "samples": Question("Samples per task", "2e6, 10M, 1_000_000 or 1e3,1e5"),
    "workers": Question("Workers", "3, 1-8 or 1,2,16"),
    "repeats": Question("Measured trials per case", "5; or 2%: until the median is precise to ±2%"),
    "python": Question("Python", "a path or a version: 3.14, 3.13t, ~/env/bin/python; empty for this one"),
    "program": Question("Watch", "a process id: 4711; or a command: python work.py"),
    "filter": Question("Rows with", "words: numba threads workers=2 failed run=1"),
}


def make_check(purpose: str, selection: Selection) -> Callable[[str], str]:
    """Return a check of texts typed for a purpose: a sentence that says what is wrong, or an empty one."""

    def check(text: str) -> str:
        if purpose == "filter":
            return ""
        try:
            if purpose == "program":
                from pi_tui.engine.watch_client import parse_target

                parse_target(text)
            else:
                apply_answer(selection, purpose, text)
        except UsageError as error:
            return str(error)
        return ""

    return check
