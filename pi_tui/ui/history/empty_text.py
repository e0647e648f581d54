"""What is said where the list of runs is empty or cannot be read."""

from __future__ import annotations

from pi_tui.ui.drawing.spans import Line, Piece, wrap


def empty_list() -> tuple[Line, ...]:
    """No runs yet."""
    return (
        [Piece("No runs yet.", "text")],
        [Piece("Escape", "key", "screen.leave"), Piece(" goes back to the bench, and ", "muted"), Piece("r", "key"),
         Piece(" there runs what is ticked.", "muted")],
        [Piece("Every run is kept here with all its trials, as they happen.", "faint")],
    )  # fmt: skip


def nothing_found(wanted: str) -> tuple[Line, ...]:
    """The filter leaves nothing."""
    return (
        [Piece("No run has ", "muted"), Piece(wanted, "text"), Piece(" in it.", "muted")],
        [Piece("/", "key", "screen.filter"), Piece(" changes the filter, ", "muted"), Piece("Escape", "key"),
         Piece(" in it clears it.", "muted")],
    )  # fmt: skip


def broken_list(problem: str, cells: int) -> tuple[Line, ...]:
    """The history cannot be read; the sentence in lines of at most `cells`."""
    sentence = f"{problem[:1].upper()}{problem[1:]}."
    return tuple([Piece(line, "notice")] for line in wrap(sentence, max(20, cells), 6))
