"""What a row means, in sentences."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pi_tui.analysis.text.formatting import plural
from pi_tui.host.modes.catalog import MODES
from pi_tui.ui.state.row_fields import describe_failure
from pi_tui.ui.state.session import Row

if TYPE_CHECKING:
    from pi_tui.analysis.results import Result
    from pi_tui.host.protocol import WorkerLedger

_PARTS: tuple[tuple[str, Callable[[WorkerLedger], float | None]], ...] = (
    ("on a core", lambda worker: worker.running_s),
    ("waiting", lambda worker: worker.waiting_s),
    ("ready while other work had the cores", lambda worker: worker.queued_s),
    ("starting", lambda worker: worker.startup_s),
    ("between tasks", lambda worker: worker.between_s),
    ("done before the others", lambda worker: worker.idle_s),
)


def summarize_row(row: Row) -> str:
    """Return all sentences about a row as one text."""
    return " ".join(list_sentences(row))


def list_sentences(row: Row) -> list[str]:
    """Return what a row means: why it failed, the advice of analysis, or where there is none, what its ledger shows."""
    if what := describe_failure(row):
        more = " Press l for the log." if row.state == "failed" else ""
        return [f"{make_sentence(what)}{more}", *_describe_partial_baseline(row)]
    if row.state == "running" and row.provisional:
        return ["Warm-up: the figures count from the first measured trial."]
    result = row.result
    if row.in_app:
        return [
            "These threads ran inside this app and shared its GIL with the screen: watch the beat at the top.",
            "The figures are not compared with others.",
        ]
    if result is None:
        return ["This case has no results yet."]
    if result.advice:
        return [_end_sentence(advice.sentence) for advice in result.advice]
    if result.baseline:
        return ["The baseline: one task in one thread.", "Other rows are compared with its time per sample."]
    return [_describe_ledger(row, result)]


def _describe_partial_baseline(row: Row) -> list[str]:
    """Say that a baseline which failed still serves as one, if some of its trials were measured."""
    if row.result is None or not row.result.baseline or not row.result.measured_trials:
        return []
    return [
        f"The other rows are compared with the trials before the failure: {plural(len(row.result.measured_trials), 'trial')}."
    ]


def make_sentence(text: str) -> str:
    """Make a sentence of an error's text: a capital at its beginning, a full stop at its end."""
    return _end_sentence(_capitalize(text))


def _describe_ledger(row: Row, result: Result) -> str:
    trials = result.examined_trials
    wall = sum(trial.wall_s * len(trial.workers) for trial in trials)
    if wall <= 0:
        return "Nothing was timed yet."
    workers = [worker for trial in trials for worker in trial.workers]
    if any(worker.running_s is None for worker in workers):
        return f"{_format_workers(row)}: the kernel starts threads, so what the workers did inside it is unknown."
    shares = sorted(
        ((sum(part(worker) or 0.0 for worker in workers) / wall, words) for words, part in _PARTS), reverse=True
    )
    parts = [f"{words} {share * 100:.0f}% of the time" for share, words in shares if share >= 0.05]
    return f"{_format_workers(row)}: {', '.join(parts[:3])}."


def _format_workers(row: Row) -> str:
    noun = {"processes": "process", "interpreters": "interpreter"}.get(MODES[row.case.mode].made_of, "thread")
    if row.case.workers == 1:
        return f"One {noun}"
    return f"{row.case.workers} {noun}{'es' if noun == 'process' else 's'}"


def _capitalize(text: str) -> str:
    """Capitalize the first letter, unless the text begins with the name of a file or function."""
    named = not text.partition(" ")[0].rstrip(",:;").isalpha()
    return text if named else text[:1].upper() + text[1:]


def _end_sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
