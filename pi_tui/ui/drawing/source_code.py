"""Python source in inks."""

from __future__ import annotations

from collections.abc import Sequence

from pygments.lexers.python import PythonLexer  # type: ignore[import-untyped]
from pygments.token import Token  # type: ignore[import-untyped]

from pi_tui.ui.drawing.spans import Line, Piece, by_cell, plain, sliced

_INKS = {
    Token.Comment: "code-comment",
    Token.Literal.String.Doc: "code-comment",
    Token.Literal.String: "code-string",
    Token.Literal.Number: "code-number",
    Token.Keyword: "code-keyword",
    Token.Operator.Word: "code-keyword",
    Token.Name.Function: "code-name",
    Token.Name.Class: "code-name",
    Token.Name.Decorator: "code-decorator",
    Token.Name.Builtin: "code-builtin",
    Token.Name.Exception: "code-builtin",
}


def highlighted(text: str) -> list[list[Piece]]:
    """The lines of a Python file."""
    lines: list[list[Piece]] = [[]]
    for kind, value in PythonLexer(stripnl=False).get_tokens(text):
        ink = _ink(kind)
        for number, part in enumerate(value.split("\n")):
            if number:
                lines.append([])
            if part:
                lines[-1].append(Piece(part.expandtabs(4), ink))
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _ink(kind: object) -> str:
    for ancestor in reversed(kind.split() if isinstance(kind, type(Token)) else []):
        if (ink := _INKS.get(ancestor)) is not None:
            return ink
    return "text"


NUMBER_CELLS = 6
_DEEPER = 4
_LEAST_CELLS = 12
_BREAKS = tuple(" ,([")


def folded(number: int, line: Line, cells: int) -> list[Line]:
    """A line of source as one or more of at most `cells`, each beginning with the line's number or with blanks.

    What goes on stands deeper than what it belongs to. A line is broken after a blank, a comma or a bracket where
    there is one in its second half.
    """
    room = max(1, cells - NUMBER_CELLS)
    text = by_cell(plain(line))
    deeper = len(plain(line)) - len(plain(line).lstrip()) + _DEEPER
    out: list[Line] = []
    start, indent = 0, 0
    while True:
        width = room - indent
        end = len(text) if len(text) - start <= width else _break(text, start, start + width)
        head = Piece(f"{number:>4}  " if not out else " " * (NUMBER_CELLS + indent), "faint")
        out.append([head, *sliced(line, start, end - start)])
        if end >= len(text):
            return out
        start, indent = end, deeper if room - deeper >= _LEAST_CELLS else 0


def _break(text: Sequence[str], start: int, end: int) -> int:
    """Where to break before `end`, so that at least half of the room is used and no wide character is parted."""
    wanted = (at + 1 for at in range(end - 1, start + (end - start) // 2, -1) if text[at] in _BREAKS)
    return next(wanted, end if text[end] else max(start + 1, end - 1))
