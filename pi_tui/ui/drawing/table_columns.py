"""The columns of the screen's tables: what each one draws, and how its title and its cells are placed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pi_tui.ui.drawing.spans import Line, Span, align_right, fit

R = TypeVar("R")
C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Column(Generic[R, C]):
    """One column of a table whose rows are `R`; `C` is what a cell's drawing depends on besides its row.

    Attributes:
        name: what it is sorted by.
        right: its cells are aligned to the right.
        least, most: its width in cells.
        from_cells: the width of the table from which it is shown.
    """

    name: str
    title: str
    right: bool
    draw: Callable[[R, C], Line]
    least: int = 0
    most: int = 1000
    from_cells: int = 0

    def place(self, line: Line, cells: int) -> list[Span]:
        """Bring a line to exactly `cells`."""
        return align_right(line, cells) if self.right else fit(line, cells)

    def draw_title(self, cells: int, *, sortable: bool, chosen: bool, mark: str = "") -> list[Span]:
        """Draw the title, which sorts when clicked.

        Where the table is sorted by this column (`chosen`), the mark of the direction replaces a blank, so that nothing moves;
        without room or mark the title has another colour.
        """
        action = f"sort('{self.name}')" if sortable else ""
        title = Span(self.title, "strong" if chosen else "muted", action)
        line = [title]
        if chosen and mark and len(self.title) < cells:
            sign = Span(mark, "key", action)
            line = [sign, title] if self.right else [title, sign]
        elif chosen:
            line = [title._replace(style="key")]
        return self.place(line, cells)
