"""The list of runs: filtered, sorted, and laid out in columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len

from pi_tui.ui.drawing.spans import Line, Span
from pi_tui.ui.drawing.table_columns import Column
from pi_tui.ui.history.cells import (
    LocalTime,
    draw_reference,
    draw_state,
    draw_state_glyph,
    format_machine,
    format_short_time,
    format_start,
    format_trials,
)

if TYPE_CHECKING:
    from pi_tui.storage.history.queries import RunEntry


def _draw_title_cell(line: RunEntry, _: LocalTime) -> Line:
    return [Span(line.title, "text")]


def _draw_note_and_title(line: RunEntry, _: LocalTime) -> Line:
    return [Span(f"{line.note}  ", "key"), Span(line.title, "muted")] if line.note else [Span(line.title, "text")]


NOTE_FROM_CELLS, ROOMY_FROM_CELLS = 150, 100

COLUMNS: tuple[Column[RunEntry, LocalTime], ...] = (
    Column("glyph", " ", False, lambda line, _: draw_state_glyph(line), 1, 1),
    Column("id", "run", True, lambda line, _: [Span(f"{line.id}", "faint")], 4, 8),
    Column("reference", "R", False, lambda line, _: draw_reference(line), 1, 1),
    Column("started", "started", False, lambda line, at: [Span(format_start(line, at), "muted")], 16, 16),
    Column("state", "state", False, lambda line, _: draw_state(line), 11, 11),
    Column("cases", "cases", True, lambda line, _: [Span(f"{line.cases}", "muted")], 5, 6, ROOMY_FROM_CELLS),
    Column("trials", "trials", True, lambda line, _: [Span(format_trials(line), "muted")], 6, 11),
    Column(
        "python", "python", False, lambda line, _: [Span(", ".join(line.pythons), "muted")], 7, 14, ROOMY_FROM_CELLS
    ),
    Column("machine", "machine", False, lambda line, _: [Span(format_machine(line), "muted")], 10, 36, NOTE_FROM_CELLS),
    Column("note", "note", False, lambda line, _: [Span(line.note, "key")], 8, 28, NOTE_FROM_CELLS),
    Column("what", "what", False, _draw_title_cell, 8, 1000),
)
SORTABLE_COLUMNS = tuple(column.name for column in COLUMNS if column.name != "glyph")
DEFAULT_SORT = ("started", True)
"""By start, the latest first."""

_KEYS: dict[str, Callable[[RunEntry], Any]] = {
    "id": lambda line: line.id,
    "reference": lambda line: (not line.reference, -line.started_at),
    "started": lambda line: (line.started_at, line.id),
    "state": lambda line: line.state,
    "cases": lambda line: line.cases,
    "trials": lambda line: line.trials,
    "python": lambda line: line.pythons,
    "machine": lambda line: (line.processor, line.usable_cores),
    "note": lambda line: (not line.note, line.note),
    "what": lambda line: line.title,
}


class RunList:
    """The known runs, and the words of each that a filter is compared with, which are put together once."""

    def __init__(self, local: LocalTime) -> None:
        self._local = local
        self._lines: tuple[RunEntry, ...] = ()
        self._words: dict[int, tuple[RunEntry, str]] = {}

    def take(self, lines: Sequence[RunEntry]) -> None:
        """Replace the runs; one that did not change stays the same object."""
        known = {line.id: line for line in self._lines}
        self._lines = tuple(known[line.id] if known.get(line.id) == line else line for line in lines)

    @property
    def lines(self) -> tuple[RunEntry, ...]:
        """All runs."""
        return self._lines

    def arranged(self, sort: tuple[str, bool], wanted: str) -> list[RunEntry]:
        """Return the runs that contain all words of `wanted`, sorted; equal ones by their start, the latest first."""
        words = wanted.lower().split()
        shown = (
            [line for line in self._lines if all(word in self._text(line) for word in words)] if words else self._lines
        )
        latest = sorted(shown, key=_KEYS["started"], reverse=True)
        return sorted(latest, key=_KEYS[sort[0]], reverse=sort[1])

    def reference(self) -> RunEntry | None:
        """Return the run that others are compared with."""
        return next((line for line in self._lines if line.reference), None)

    def _text(self, line: RunEntry) -> str:
        known = self._words.get(line.id)
        if known is not None and known[0] is line:
            return known[1]
        words = [
            f"run={line.id}", format_start(line, self._local), line.state, line.title, *line.kernels, *line.modes,
            *line.pythons, line.processor, line.host, line.note, "reference" if line.reference else "",
        ]  # fmt: skip
        text = " ".join(words).lower()
        self._words[line.id] = (line, text)
        return text


class ColumnLayout:
    """The widths of the columns for the runs at hand, computed once per list."""

    def __init__(self, local: LocalTime) -> None:
        self._local = local
        self._longest: dict[str, int] = {}

    def measure(self, lines: Iterable[RunEntry]) -> bool:
        """Widen the columns for these runs; return whether anything changed."""
        longest = {"id": 0, "trials": 0, "python": 0, "machine": 0, "note": 0}
        for line in lines:
            longest["id"] = max(longest["id"], len(f"{line.id}"))
            longest["trials"] = max(longest["trials"], len(format_trials(line)))
            longest["python"] = max(longest["python"], sum(map(cell_len, line.pythons)) + 2 * (len(line.pythons) - 1))
            longest["machine"] = max(longest["machine"], cell_len(format_machine(line)))
            longest["note"] = max(longest["note"], cell_len(line.note))
        changed, self._longest = longest != self._longest, longest
        return changed

    def draw_header(self, sort: tuple[str, bool], room: int) -> Line:
        """Return the titles, each of them clickable."""
        name, reverse = sort
        mark = "▾" if reverse else "▴"
        return _join_cells(
            [
                column.draw_title(
                    cells, sortable=column.name in SORTABLE_COLUMNS, chosen=column.name == name, mark=mark
                )
                if column.title.strip()
                else column.place([], cells)
                for column, cells in self._shown(room)
            ]
        )

    def draw_row(self, line: RunEntry, room: int) -> Line:
        """Return the cells of a run."""
        parts = []
        for column, cells in self._shown(room):
            cell = column.draw(line, self._local)
            if column.name == "what" and room < NOTE_FROM_CELLS:
                cell = _draw_note_and_title(line, self._local)
            elif column.name == "started" and cells < 16:
                cell = [Span(format_start(line, self._local, format_short_time), "muted")]
            parts.append(column.place(cell, cells))
        return _join_cells(parts)

    def line_cells(self, room: int) -> int:
        """Return the width of a line."""
        shown = self._shown(room)
        return sum(cells for _, cells in shown) + _sum_gaps(len(shown))

    def _shown(self, room: int) -> list[tuple[Column[RunEntry, LocalTime], int]]:
        columns = [column for column in COLUMNS if room >= column.from_cells]
        tight = room < 70
        widths = {c.name: min(c.most, max(c.least, self._longest.get(c.name, c.least))) for c in columns}
        if tight:
            widths["started"] = 11
            columns = [column for column in columns if column.name not in ("state", "cases")]
        taken = sum(widths[c.name] for c in columns if c.name != "what") + _sum_gaps(len(columns))
        widths["what"] = max(24, room - taken)
        return [(column, widths[column.name]) for column in columns]


def _gap_before(number: int) -> int:
    """Return the blanks before a column: the first ones are narrow and stand close together."""
    return 0 if number == 0 else 1 if number < 3 else 2


def _sum_gaps(columns: int) -> int:
    return sum(map(_gap_before, range(columns)))


def _join_cells(parts: Sequence[Line]) -> Line:
    line: list[Span] = []
    for number, part in enumerate(parts):
        line += [Span(" " * _gap_before(number)), *part]
    return line
