"""Text with a meaning: what every drawing function returns, before a theme gives it colours.

An `style` is the name of a colour and weight ("text", "muted", "running", ...); `action` is what a click on it does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

ELLIPSIS = "…"
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Span(NamedTuple):
    """A run of characters in one style."""

    text: str
    style: str = "text"
    action: str = ""


Line = Sequence[Span]


def escape_markup(text: str) -> str:
    """A text for a place where Textual looks for markup: brackets are brackets there too."""
    return text.replace("[", "\\[")


def make_printable(text: str) -> str:
    """A text with blanks in place of what would move the cursor or turn the writing round, and of what no UTF-8 can say."""
    return _UNPRINTABLE.sub(" ", text)


def make_line_printable(line: Line) -> Line:
    """The line, each of its spans as by `seen`."""
    return [span._replace(text=make_printable(span.text)) if _UNPRINTABLE.search(span.text) else span for span in line]


def split_graphemes(text: str) -> list[tuple[str, int]]:
    """What is drawn one after another, each with its cells: a character, with all that changes it or joins it to others."""
    found: list[tuple[str, int]] = []
    for char in text:
        alone = cell_len(char)
        if found:
            before, taken = found[-1]
            together = cell_len(before + char)
            if not alone or together != taken + alone:
                found[-1] = before + char, together
                continue
        found.append((char, alone))
    return found


def split_cells(text: str) -> list[str]:
    """A text cell by cell: behind a sign of two stands ""; as the terminal is told, where `analysis.width` may only guess."""
    if text.isascii():
        return list(text)
    return [cell for sign, taken in split_graphemes(text) for cell in [sign, "", ""][:taken]]


def line_width(line: Line) -> int:
    """How many cells a line takes."""
    return sum(cell_len(span.text) for span in line)


def line_text(line: Line) -> str:
    """The line's characters alone."""
    return "".join(span.text for span in line)


def fit(line: Line, cells: int) -> list[Span]:
    """The line at exactly `cells`: padded on the right, or cut with an ellipsis."""
    used = line_width(line)
    if used <= cells:
        return [*line, Span(" " * (cells - used))] if used < cells else list(line)
    return _truncate(line, cells)


def align_right(line: Line, cells: int) -> list[Span]:
    """The line at exactly `cells`, padded on the left."""
    used = line_width(line)
    return [Span(" " * (cells - used)), *line] if used < cells else fit(line, cells)


def justify(left: Line, right: Line, cells: int) -> list[Span]:
    """`left` and `right` at the two ends of `cells`; where both do not fit, `left` is cut."""
    if not right:
        return fit(left, cells)
    room = cells - line_width(right)
    if room <= 0:
        return fit(right, cells)
    return [*fit(left, room), *right]


def wrap(text: str, cells: int, lines: int) -> list[str]:
    """`text` in at most `lines` lines of `cells`, broken between words, the last one cut with an ellipsis.

    Words are measured, not lines: Rich keeps the width of each of the last four thousand texts, with the text.
    """
    wrapped: list[str] = []
    rest = _split_words(text)
    while rest and len(wrapped) < lines:
        words = [rest.pop(0)]
        used = cell_len(words[0])
        while rest and (used := used + 1 + cell_len(rest[0])) <= cells:
            words.append(rest.pop(0))
        wrapped.append(" ".join(words))
    if rest:
        wrapped[-1] += " " + " ".join(rest)
    return [line_text(fit([Span(line)], cells)).rstrip() for line in wrapped]


def wrap_sentences(sentences: Sequence[str], cells: int, lines: int) -> list[str]:
    """As many sentences as fit whole in `lines` of `cells`; of the first in any case as many clauses as fit.

    Where those would leave more than half of the room empty, it is cut.
    """
    if not sentences:
        return []
    told = [" ".join(sentences[:count]) for count in range(len(sentences), 0, -1)]
    clauses = [text for text in _list_shortened(sentences[0]) if 2 * cell_len(text) >= cells * lines]
    for text in (*told, *clauses):
        wrapped = wrap(text, cells, lines + 1)
        if len(wrapped) <= lines:
            return wrapped
    return wrap(sentences[0], cells, lines)


def _list_shortened(sentence: str) -> list[str]:
    """A sentence up to its last clause, to the one before and so on: "It waited; so it was late." to "It waited …".

    Then up to its commas.
    """
    ends = [[found.start() for found in re.finditer(mark, sentence)] for mark in ("[;:] ", ", ")]
    return [f"{sentence[:end]} {ELLIPSIS}" for each in ends for end in reversed(each)]


def _split_words(text: str) -> list[str]:
    """What a line may be broken between: words, and numbers with their thousands apart as one."""
    return re.split(r"(?<!\d)\s+|\s+(?!\d)", stripped) if (stripped := text.strip()) else []


def join_lines(lines: Iterable[Line], gap: str) -> list[Span]:
    """Lines side by side, with `gap` between them."""
    out: list[Span] = []
    for line in lines:
        if out:
            out.append(Span(gap))
        out.extend(line)
    return out


def _truncate(line: Line, cells: int) -> list[Span]:
    if cells <= 0:
        return []
    kept: list[Span] = []
    room = cells - 1
    for span in line:
        used = cell_len(span.text)
        if used <= room:
            kept.append(span)
            room -= used
            continue
        kept.append(span._replace(text=set_cell_size(span.text, room).rstrip() + ELLIPSIS))
        break
    return [*kept, Span(" " * (cells - line_width(kept)))] if line_width(kept) < cells else kept


def slice_line(line: Line, start: int, room: int) -> list[Span]:
    """The part of a line that is seen when it is shifted by `start` cells."""
    shown: list[Span] = []
    at = 0
    for span in line:
        end = at + cell_len(span.text)
        if end > start and at < start + room:
            shown.append(span._replace(text=_slice_text(span.text, start - at, start + room - at)))
        at = end
    return fit(shown, room)


def _slice_text(text: str, start: int, end: int) -> str:
    """What stands in these cells of a text; half a wide character is a blank."""
    if cell_len(text) == len(text):
        return text[max(0, start) : end]
    shown = ""
    at = 0
    for sign, taken in split_graphemes(text):
        after = at + taken
        if start <= at and after <= end:
            shown += sign
        elif start < after and at < end:
            shown += " "
        at = after
    return shown


def slice_header(line: Line, start: int, room: int) -> list[Span]:
    """A heading shifted by `start` cells, with a sign at each end beyond which there is more; a click goes there.

    A title that is whole up to the end is not spoilt by a sign.
    """
    shown = slice_line(line, start, room)
    if start:
        shown = [Span("‹", "key", "shift(-1)"), *slice_line(shown, 1, room - 1)]
    edge = line_text(line)[start + room - 1 : start + room + 1]
    if len(edge) == 2 and not (edge[0] != " " and edge[1] == " "):
        shown = [*slice_line(shown, 0, room - 1), Span("›", "key", "shift(1)")]
    return shown
