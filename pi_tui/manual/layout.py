"""Lay a page of the manual out for a width: blocks in, lines of spans out.

The command line and the screen draw the same lines; what a style looks like is theirs. The pages hold no character that takes
two cells, so that a character is a cell here.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from pi_tui.manual.markdown import Block, Code, Heading, Item, Paragraph, Span, Spans, Style, Table

_GAP = 2
"""Blanks between two columns of a table."""
_LEAST = 6
"""How narrow a column of a table may become."""
_CODE_INDENT = 4

Word = list[Span]


def lay_out(blocks: Sequence[Block], width: int) -> list[list[Span]]:
    """Return the blocks as lines of at most `width` cells; code keeps its lines, however long they are."""
    lines: list[list[Span]] = []
    before: Block | None = None
    for block in blocks:
        if before is not None and not (isinstance(before, Item) and isinstance(block, Item)):
            lines.append([])
        lines += _lay_out_block(block, width)
        before = block
    return lines


def _lay_out_block(block: Block, width: int) -> list[list[Span]]:
    match block:
        case Heading(level, spans):
            style: Style = "title" if level == 1 else "heading"
            return wrap_spans([Span(span.text, style) for span in spans], width)
        case Paragraph(spans):
            return wrap_spans(spans, width)
        case Item(marker, depth, spans):
            indent = " " * (2 * depth)
            head = f"{indent}{marker} "
            wrapped = wrap_spans(spans, width - len(head))
            return [[Span(" " * len(head) if n else head, "faint"), *line] for n, line in enumerate(wrapped)]
        case Code(code):
            return [[Span(" " * _CODE_INDENT + line, "block")] if line else [] for line in code]
        case Table(rows):
            return _lay_out_table(rows, width)


def wrap_spans(spans: Spans, width: int) -> list[list[Span]]:
    """Return spans in lines of at most `width` cells, broken between words, and within a word that is longer than a line."""
    lines: list[list[Span]] = []
    line: list[Span] = []
    used = 0
    for word in _words(spans, max(1, width)):
        length = sum(len(span.text) for span in word)
        if line and used + 1 + length > width:
            lines.append(line)
            line, used = [], 0
        if line:
            # Between two words of one style the blank is theirs, so that what is underlined or bold has no holes.
            line.append(Span(" ", word[0].style if line[-1].style == word[0].style else "text"))
            used += 1
        line += word
        used += length
    if line or not lines:
        lines.append(line)
    return [_joined(each) for each in lines]


def _words(spans: Spans, width: int) -> list[Word]:
    """Return the words of a text; a word may change its style, as `this`, does."""
    words: list[Word] = [[]]
    used = 0
    for text, style in spans:
        for number, part in enumerate(text.split(" ")):
            if number:
                words.append([])
                used = 0
            while used + len(part) > width:
                words[-1].append(Span(part[: width - used], style))
                part = part[width - used :]
                words.append([])
                used = 0
            if part:
                words[-1].append(Span(part, style))
                used += len(part)
    return [word for word in words if word]


def _joined(line: Sequence[Span]) -> list[Span]:
    """Return the line with neighbours of one style in one span."""
    joined: list[Span] = []
    for span in line:
        if joined and joined[-1].style == span.style:
            joined[-1] = Span(joined[-1].text + span.text, span.style)
        else:
            joined.append(span)
    return joined


def _lay_out_table(rows: Sequence[Sequence[Spans]], width: int) -> list[list[Span]]:
    count = len(rows[0])
    widths = [max(_length(row[column]) for row in rows if column < len(row)) for column in range(count)]
    room = width - _GAP * (count - 1)
    while sum(widths) > room and max(widths) > _LEAST:
        widths[widths.index(max(widths))] -= 1
    titles = [[Span(span.text, "faint") for span in cell] for cell in rows[0]]
    lines = _lay_out_row(titles, widths) if any(titles) else []
    if lines:
        lines.append([Span("─" * (sum(widths) + _GAP * (count - 1)), "faint")])
    for row in rows[1:]:
        lines += _lay_out_row(row, widths)
    return lines


def _lay_out_row(row: Sequence[Spans], widths: Sequence[int]) -> list[list[Span]]:
    wrapped = [wrap_spans(cell, width) for cell, width in zip(row, widths, strict=False)]
    lines: list[list[Span]] = []
    for parts in zip_longest(*wrapped, fillvalue=()):
        line: list[Span] = []
        for part, width in zip(parts, widths, strict=False):
            filled = sum(len(span.text) for span in part)
            line += part
            line.append(Span(" " * (width - filled + _GAP)))
        lines.append(line[:-1])
    return lines


def _length(spans: Spans) -> int:
    return sum(len(span.text) for span in spans)
