"""Text laid out for a width: headings, paragraphs, entries with a name, and verbatim lines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.cells import cell_len

from pi_tui.analysis.text.strip_escapes import strip_escapes
from pi_tui.ui.drawing.spans import Line, Span, wrap

ANY_NUMBER = 10_000


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading on a line of its own, after a blank line unless it is the first block."""

    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A name in a column, and text that wraps in a second column."""

    name: str
    text: str
    name_cells: int = 16
    style: str = "text"
    name_style: str = "key"


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Lines that are not wrapped: a traceback, a table. The pane cuts those that are too long."""

    text: str
    style: str = "text"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text that is wrapped."""

    text: str
    style: str = "text"


Block = Heading | Entry | Verbatim | Paragraph


def lay_out(blocks: Iterable[Block], cells: int) -> list[Line]:
    """Lay out blocks as lines of at most `cells`; verbatim lines keep their length."""
    lines: list[Line] = []
    for block in blocks:
        match block:
            case Heading():
                lines += ([[]] if lines else []) + [[Span(block.text, "title")]]
            case Entry():
                lines += _lay_out_entry(block, cells)
            case Verbatim():
                lines += [[Span(line, block.style)] for line in strip_escapes(block.text.expandtabs(4)).split("\n")]
            case Paragraph():
                lines += [[Span(line, block.style)] for line in wrap(block.text, cells, ANY_NUMBER)] or [[]]
    return lines


def _lay_out_entry(entry: Entry, cells: int) -> list[Line]:
    column = entry.name_cells if cells >= 2 * entry.name_cells else 2
    name = Span(entry.name + " " * (column - cell_len(entry.name)), entry.name_style)
    wrapped = wrap(entry.text, max(8, cells - column), ANY_NUMBER) or [""]
    if cell_len(entry.name) >= column:
        return [[Span(entry.name, entry.name_style)], *([Span(" " * column), Span(t, entry.style)] for t in wrapped)]
    first: Line = [name, Span(wrapped[0], entry.style)]
    return [first, *([Span(" " * column), Span(text, entry.style)] for text in wrapped[1:])]
