"""One row of a checklist: tick, name, options and note."""

from __future__ import annotations

from typing import NamedTuple

from rich.cells import cell_len

from pi_tui.ui.drawing.spans import Line, Span, fit, line_width, wrap_sentences

TICKED, UNTICKED, UNAVAILABLE, ADD = "✓", "◦", "-", "+"
LEAST_NOTE = 24

MARGIN = 1
"""Cells between notes or options and the pane's scroll bar; only a long name uses them."""


class Choice(NamedTuple):
    """A row that can be ticked.

    Attributes:
        key: what identifies the choice.
        note: one sentence about it, for the hint line.
        detail: what the row says of it where there is room; None for the note.
        options: words beside it that a click changes, each with its action.
        reason: why it cannot run; empty where it can.
        adds: the row is no choice, but asks for a value to add to the choices.
    """

    key: str
    label: str
    note: str = ""
    ticked: bool = False
    options: tuple[tuple[str, str], ...] = ()
    reason: str = ""
    adds: bool = False
    detail: str | None = None


def draw_choice(choice: Choice, cells: int, label_cells: int, *, right: bool = False, index: int = 0) -> Line:
    """Draw a choice at exactly `cells`.

    Args:
        choice: the row.
        cells: its width.
        label_cells: the width of the longest label.
        right: labels are aligned to the right.
        index: the number of the row, for its click action.
    """
    toggle = f"point({index})"
    label_cells = min(label_cells, cells - 2)
    blanks = " " * (label_cells - cell_len(choice.label)) if right and not choice.adds else ""
    label = blanks + choice.label
    head = [
        Span(f"{_choose_glyph(choice)} ", _choose_glyph_style(choice), toggle),
        Span(label, _choose_label_style(choice), toggle),
    ]
    options: list[Span] = []
    for number, (text, action) in enumerate(choice.options):
        if number:
            options.append(Span("·", "faint"))
        options.append(Span(text, "faint" if choice.reason or not choice.ticked else "key", action))
    detail = choice.note if choice.detail is None else choice.detail
    if detail and not choice.adds:
        column = max(label_cells, cell_len(label)) + 4
        room = cells - MARGIN - column - (line_width(options) + 2 if options else 0)
        if room >= LEAST_NOTE:
            head = [
                *fit(head, column),
                *fit([Span(wrap_sentences([detail], room, 1)[0], "faint", toggle)], room),
            ]
    if not options:
        return _fill_line(head, cells, toggle)
    room = cells - MARGIN
    free = room - line_width(head) - line_width(options)
    if free < 1:  # the name is worth more than its options, which the hint line shows in full
        name = [*head, Span(" ", "text", toggle)]
        line = [*name, *fit(options, room - line_width(name))] if line_width(name) < room else head
        return _fill_line(line, cells, toggle)
    return _fill_line([*head, Span(" " * free, "text", toggle), *options], cells, toggle)


def _fill_line(head: list[Span], cells: int, action: str) -> Line:
    used = line_width(head)
    return [*head, Span(" " * (cells - used), "text", action)] if used < cells else fit(head, cells)


def _choose_glyph(choice: Choice) -> str:
    if choice.adds:
        return ADD
    if choice.reason:
        return UNAVAILABLE
    return TICKED if choice.ticked else UNTICKED


def _choose_glyph_style(choice: Choice) -> str:
    if choice.adds:
        return "key"
    return "good" if choice.ticked and not choice.reason else "faint"


def _choose_label_style(choice: Choice) -> str:
    if choice.reason:
        return "faint"
    if choice.adds:
        return "muted"
    return "strong" if choice.ticked else "muted"
