"""Turn the state of the bench into what its panes show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pi_tui.analysis.text.formatting import plural, span
from pi_tui.ui.drawing.run_form import RunView
from pi_tui.ui.drawing.spans import Line, Span
from pi_tui.ui.drawing.status_bar import HeaderView, ProgressView, draw_key_hint
from pi_tui.ui.state.run_preview import RunPreview
from pi_tui.ui.state.selection import GilView, Selection, describe_gil
from pi_tui.ui.state.session import Row, Session

if TYPE_CHECKING:
    from pi_tui.analysis.results import Result

MOST_SHARE_RUNNING = 0.99
"""The greatest share before the end: a bar is full only when the run is over."""


MOST_ID_CELLS = 34
"""The header lists the ids of interpreters up to this length, and their number beyond it."""


@dataclass(slots=True)
class ProgressClock:
    """Estimates how far a run is between two events. The share never falls."""

    updated_at: float = 0.0
    share: float = 0.0

    def begin(self, now: float) -> None:
        """Start with a new run."""
        self.updated_at, self.share = now, 0.0

    def note_update(self, now: float) -> None:
        """Note the time of the latest event."""
        self.updated_at = now

    def view(self, session: Session, now: float) -> ProgressView | None:
        """Return the progress at a time; None between runs."""
        if not session.running:
            return None
        progress = session.progress
        if progress is None:
            return ProgressView(0, 0, 0.0, None)
        since = max(0.0, now - self.updated_at)
        elapsed, left = progress.elapsed_s + since, max(0.0, progress.left_s - since)
        by_time = elapsed / (elapsed + left) if elapsed + left > 0 else 0.0
        self.share = max(self.share, min(MOST_SHARE_RUNNING, by_time))
        return ProgressView(min(progress.done + 1, progress.total), progress.total, round(self.share, 2), round(left))


def make_run_view(
    selection: Selection, preview: RunPreview, session: Session, progress: ProgressView | None
) -> RunView:
    """Return what the run pane shows."""
    interpreter = preview.free_threaded
    gil = describe_gil(selection, interpreter) if interpreter else GilView("", False)
    plan = preview.plan or (preview.forced if preview.needs_confirmation else None)
    return RunView(
        cases=len(plan.cases) if plan else 0,
        added=len(plan.added) if plan else 0,
        unavailable=len(plan.unavailable) if plan else 0,
        repeats=selection.repeat,
        until_stable=None if selection.in_app else selection.until_stable,
        estimate_s=plan.estimate_s if plan else 0.0,
        known=preview.known,
        refused=preview.refused,
        needs_confirmation=preview.needs_confirmation,
        python=_format_interpreters(preview),
        gil=gil.state,
        gil_changeable=gil.changeable,
        in_app=selection.in_app,
        running=session.running,
        stopping=session.stopping,
        activity=session.activity,
        trial=progress.trial if progress else 0,
        trials=progress.trials if progress else 0,
        share=progress.share if progress else 0.0,
        left_s=progress.left_s if progress else None,
    )


def _format_interpreters(preview: RunPreview) -> str:
    """Return the ids of one or two interpreters, the number of more."""
    ids = [python.id for python in preview.interpreters] or (
        [preview.app_interpreter.id] if preview.app_interpreter else []
    )
    return ", ".join(ids) if len(ids) <= 2 else f"{len(ids)} of them"


def make_header_view(
    selection: Selection,
    preview: RunPreview,
    usable_cores: int,
    lateness_ms: float | None,
    pulse: tuple[float, ...],
) -> HeaderView:
    """Return what the header shows of the interpreters that would be measured."""
    interpreter = preview.interpreter
    if interpreter is None:
        return HeaderView("", False, False, usable_cores, lateness_ms, pulse)
    if len(preview.interpreters) > 1:
        ids = ", ".join(python.id for python in preview.interpreters)
        named = f"Python {ids}" if len(ids) <= MOST_ID_CELLS else f"{len(preview.interpreters)} Pythons"
        return HeaderView(named, None, False, usable_cores, lateness_ms, pulse)
    settable = interpreter.free_threaded_build and not selection.in_app
    asked = selection.gils[0] if settable and selection.gils else None
    return HeaderView(
        python=f"{interpreter.implementation} {interpreter.id}",
        gil_enabled=interpreter.gil_enabled if asked is None else asked,
        free_threaded_build=interpreter.free_threaded_build,
        usable_cores=usable_cores,
        lateness_ms=lateness_ms,
        pulse=pulse,
    )


def explain_empty_table(view: RunView, wanted: str) -> tuple[Line, ...]:
    """Return the lines that stand in a table without rows."""
    if wanted:
        return (
            [Span("No row has ", "muted"), Span(wanted, "text"), Span(" in it.", "muted")],
            [
                Span("/", "key"),
                Span(" changes the filter, ", "muted"),
                Span("Escape", "key"),
                Span(" in it clears it.", "muted"),
            ],
        )
    if view.running:
        return ([Span(f"{view.activity or 'starting'} …", "muted")],)
    if not view.known:
        return ()
    if view.needs_confirmation:  # the run pane says why
        what = f" to be asked whether to run {plural(view.cases, 'case')} all the same."
        return ([Span("Press ", "muted"), Span("r", "key", "app.start_run"), Span(what, "muted")],)
    if view.refused or not view.cases:
        return ([Span(view.refused or "Tick something that can run.", "notice")],)
    what = f" to run {plural(view.cases, 'case')}: about {span(view.estimate_s)}."
    return (
        [Span("Press ", "muted"), Span("r", "key", "app.start_run"), Span(what, "muted")],
        [Span("A row appears at each case's first trial.", "faint")],
    )


def name_key_in_reason(reason: str) -> str:
    """Return an engine's reason with the key that does on the screen what the command in it does."""
    return reason.replace("pi-tui pythons lists", "p lists")


def explain_unavailable(label: str, reason: str) -> Line:
    """Return why something cannot run; a mode's name is not repeated."""
    words = name_key_in_reason(reason)
    words = words.replace(label, "it", 1) if words.startswith(f"{label} needs ") else words
    return [Span(f"{label} cannot run: ", "notice"), Span(words, "text")]


def describe_run_start(session: Session, repeats: int) -> Line:
    """Return the hint that is shown when a run begins."""
    if session.in_app:
        return [Span(f"Run {session.runs}  ", "strong"), Span("inside this app: watch the beat at the top", "alarm")]
    words = f"a warm-up of each case, then {plural(repeats, 'measured trial')} of each, in turn"
    return [Span(f"Run {session.runs}  ", "strong"), Span(words, "muted")]


def describe_run_end(
    session: Session, results: Sequence[Result], elapsed_s: float, *, stopped: bool, gil_changeable: bool
) -> Line:
    """Return the hint that is shown when a run has ended; it offers the other GIL setting only where there is one."""
    measured = sum(bool(result.measured_trials) for result in results)
    cases, ended = plural(len(results), "case"), f"Run {session.runs} {'was stopped' if stopped else 'is done'}"
    if session.in_app:
        took = f"{ended} after" if stopped else f"{ended}: {cases} in"
        kept = f"{span(elapsed_s)}.  It is not kept and not exported.  "
        return [Span(f"{took} ", "strong"), Span(kept, "text"), *draw_key_hint("r", "again", "app.start_run")]
    if stopped:
        outcome = (
            f"{measured or 'none'} of {cases} {'was' if measured == 1 else 'were'} measured in {span(elapsed_s)}.  "
        )
    else:
        outcome = f"{cases} in {span(elapsed_s)}{_describe_failures(results)}.  "
    return [
        Span(f"{ended}: ", "strong"),
        Span(outcome, "text"),
        *([*draw_key_hint("g", "the other GIL setting", "app.toggle_gil"), Span("   ")] if gil_changeable else []),
        *draw_key_hint("r", "again", "app.start_run"),
        Span("   "),
        *draw_key_hint("e", "export", "app.export"),
    ]


def _describe_failures(results: Sequence[Result]) -> str:
    """Return how many cases failed or could not run, as the end of a sentence."""
    counts = Counter(result.status for result in results)
    parts = [f"{counts['failed']} failed"] if counts["failed"] else []
    parts += [f"{counts['unavailable']} could not run"] if counts["unavailable"] else []
    return f", {' and '.join(parts)}" if parts else ""


def explain_empty_export(rows: Sequence[Row], *, finished: bool) -> str:
    """Return why there is nothing to export; `finished` says whether rows that the filter hides are finished."""
    if finished:
        return "No row that answers to the filter is finished: there are no results to export."
    if any(row.in_app and row.state != "running" for row in rows):
        return "What ran inside the app is no measurement: there are no results to export."
    return "Nothing is finished yet: there are no results to export."
