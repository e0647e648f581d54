"""Python source code, highlighted and folded to a width."""

from __future__ import annotations

from collections.abc import Sequence

from pygments.lexers.python import PythonLexer  # type: ignore[import-untyped]
from pygments.token import Token  # type: ignore[import-untyped]

from pi_tui.ui.drawing.spans import Line, Span, line_text, slice_line, split_cells

_STYLES = {
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


def highlight(text: str) -> list[list[Span]]:
    """Return the lines of a Python file as styled spans."""
    lines: list[list[Span]] = [[]]
    for kind, value in PythonLexer(stripnl=False).get_tokens(text):
        style = _find_style(kind)
        for number, part in enumerate(value.split("\n")):
            if number:
                lines.append([])
            if part:
                lines[-1].append(Span(part.expandtabs(4), style))
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _find_style(kind: object) -> str:
    for ancestor in reversed(kind.split() if isinstance(kind, type(Token)) else []):
        if (style := _STYLES.get(ancestor)) is not None:
            return style
    return "text"


NUMBER_CELLS = 6
_CONTINUATION_INDENT = 4
_LEAST_CELLS = 12
_BREAKS = tuple(" ,([")


def fold_line(number: int, line: Line, cells: int) -> list[Line]:
    """Fold a line of source into lines of at most `cells`; the first begins with the line's number, the others with blanks.

    Continuations are indented deeper than the line. A line is broken after a blank, a comma or a bracket where there is one in
    its second half.
    """
    room = max(1, cells - NUMBER_CELLS)
    text = split_cells(line_text(line))
    deeper = len(line_text(line)) - len(line_text(line).lstrip()) + _CONTINUATION_INDENT
    out: list[Line] = []
    start, indent = 0, 0
    while True:
        width = room - indent
        end = len(text) if len(text) - start <= width else _find_break(text, start, start + width)
        head = Span(f"{number:>4}  " if not out else " " * (NUMBER_CELLS + indent), "faint")
        out.append([head, *slice_line(line, start, end - start)])
        if end >= len(text):
            return out
        start, indent = end, deeper if room - deeper >= _LEAST_CELLS else 0


def _find_break(text: Sequence[str], start: int, end: int) -> int:
    """Return the cell to break at, at most `end`, such that half of the room is used and no wide character is split."""
    wanted = (at + 1 for at in range(end - 1, start + (end - start) // 2, -1) if text[at] in _BREAKS)
    return next(wanted, end if text[end] else max(start + 1, end - 1))
