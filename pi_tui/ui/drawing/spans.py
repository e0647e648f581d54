"""Lines of styled text, which every drawing function returns, and how they are measured, cut, aligned and wrapped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

ELLIPSIS = "…"
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Span(NamedTuple):
    """A run of characters in one style.

    Attributes:
        style: the name of a colour and weight ("text", "muted", "running", ...); a theme says how it looks.
        action: the Textual action that a click runs; empty for none.
    """

    text: str
    style: str = "text"
    action: str = ""


Line = Sequence[Span]


def escape_markup(text: str) -> str:
    """Return the text with its brackets escaped, for a place where Textual reads markup."""
    return text.replace("[", "\\[")


def make_printable(text: str) -> str:
    """Replace control characters, characters that change the direction of writing, and lone surrogates by blanks."""
    return _UNPRINTABLE.sub(" ", text)


def make_line_printable(line: Line) -> Line:
    """Apply `make_printable` to each span of a line."""
    return [span._replace(text=make_printable(span.text)) if _UNPRINTABLE.search(span.text) else span for span in line]


def split_graphemes(text: str) -> list[tuple[str, int]]:
    """Split a text into graphemes, each with its width in cells; combining and joining characters stay with their base."""
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
    """Split a text into cells, as Rich measures it; "" follows a grapheme that is two cells wide."""
    if text.isascii():
        return list(text)
    return [cell for sign, taken in split_graphemes(text) for cell in [sign, "", ""][:taken]]


def line_width(line: Line) -> int:
    """Return the width of a line in cells."""
    return sum(cell_len(span.text) for span in line)


def line_text(line: Line) -> str:
    """Return the line's text without styles."""
    return "".join(span.text for span in line)


def fit(line: Line, cells: int) -> list[Span]:
    """Pad a line on the right to exactly `cells`, or cut it with an ellipsis."""
    used = line_width(line)
    if used <= cells:
        return [*line, Span(" " * (cells - used))] if used < cells else list(line)
    return _truncate(line, cells)


def align_right(line: Line, cells: int) -> list[Span]:
    """Pad a line on the left to exactly `cells`, or cut it with an ellipsis."""
    used = line_width(line)
    return [Span(" " * (cells - used)), *line] if used < cells else fit(line, cells)


def justify(left: Line, right: Line, cells: int) -> list[Span]:
    """Put `left` and `right` at the two ends of `cells`; where both do not fit, cut `left`."""
    if not right:
        return fit(left, cells)
    room = cells - line_width(right)
    if room <= 0:
        return fit(right, cells)
    return [*fit(left, room), *right]


def wrap(text: str, cells: int, lines: int) -> list[str]:
    """Wrap a text between words into at most `lines` lines of `cells`; cut the last one with an ellipsis.

    The widths of words are measured, not those of lines: Rich caches the widths of the last 4096 texts, and words recur.
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
    """Wrap as many whole sentences as fit into `lines` of `cells`.

    Where not even the first fits, return as many of its clauses as fit; where those would leave more than half of the room
    empty, cut the sentence instead.
    """
    if not sentences:
        return []
    whole = [" ".join(sentences[:count]) for count in range(len(sentences), 0, -1)]
    clauses = [text for text in _list_shortened(sentences[0]) if 2 * cell_len(text) >= cells * lines]
    for text in (*whole, *clauses):
        wrapped = wrap(text, cells, lines + 1)
        if len(wrapped) <= lines:
            return wrapped
    return wrap(sentences[0], cells, lines)


def _list_shortened(sentence: str) -> list[str]:
    """Return shorter and shorter forms of a sentence: cut at its semicolons and colons from the last on, then at its commas.

    "It waited; so it was late." gives "It waited …".
    """
    ends = [[found.start() for found in re.finditer(mark, sentence)] for mark in ("[;:] ", ", ")]
    return [f"{sentence[:end]} {ELLIPSIS}" for each in ends for end in reversed(each)]


def _split_words(text: str) -> list[str]:
    """Split a text into the words that a line may be broken between; a number with spaces between thousands is one word."""
    return re.split(r"(?<!\d)\s+|\s+(?!\d)", stripped) if (stripped := text.strip()) else []


def join_lines(lines: Iterable[Line], gap: str) -> list[Span]:
    """Join lines side by side, with `gap` between them."""
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
    """Return the `room` cells of a line that begin at cell `start`."""
    shown: list[Span] = []
    at = 0
    for span in line:
        end = at + cell_len(span.text)
        if end > start and at < start + room:
            shown.append(span._replace(text=_slice_text(span.text, start - at, start + room - at)))
        at = end
    return fit(shown, room)


def _slice_text(text: str, start: int, end: int) -> str:
    """Return the text in these cells; half of a wide character becomes a blank."""
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
    """Return the `room` cells of a table's header from cell `start` on, with arrows to click on where the header goes on.

    No arrow replaces the last letter of a title that ends exactly at the right edge.
    """
    shown = slice_line(line, start, room)
    if start:
        shown = [Span("‹", "key", "shift(-1)"), *slice_line(shown, 1, room - 1)]
    edge = line_text(line)[start + room - 1 : start + room + 1]
    if len(edge) == 2 and not (edge[0] != " " and edge[1] == " "):
        shown = [*slice_line(shown, 0, room - 1), Span("›", "key", "shift(1)")]
    return shown
