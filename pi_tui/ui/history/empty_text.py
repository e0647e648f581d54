"""What is said where the list of runs is empty or cannot be read."""

from __future__ import annotations

from pi_tui.ui.drawing.spans import Line, Span, wrap


def empty_list() -> tuple[Line, ...]:
    """No runs yet."""
    return (
        [Span("No runs yet.", "text")],
        [Span("Escape", "key", "screen.leave"), Span(" goes back to the bench, and ", "muted"), Span("r", "key"),
         Span(" there runs what is ticked.", "muted")],
        [Span("Every run is kept here with all its trials, as they happen.", "faint")],
    )  # fmt: skip


def nothing_found(wanted: str) -> tuple[Line, ...]:
    """The filter leaves nothing."""
    return (
        [Span("No run has ", "muted"), Span(wanted, "text"), Span(" in it.", "muted")],
        [Span("/", "key", "screen.filter"), Span(" changes the filter, ", "muted"), Span("Escape", "key"),
         Span(" in it clears it.", "muted")],
    )  # fmt: skip


def broken_list(problem: str, cells: int) -> tuple[Line, ...]:
    """The history cannot be read; the sentence in lines of at most `cells`."""
    sentence = f"{problem[:1].upper()}{problem[1:]}."
    return tuple([Span(line, "notice")] for line in wrap(sentence, max(20, cells), 6))
