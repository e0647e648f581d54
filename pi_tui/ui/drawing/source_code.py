"""Python source in inks."""

from __future__ import annotations

from pygments.lexers.python import PythonLexer  # type: ignore[import-untyped]
from pygments.token import Token  # type: ignore[import-untyped]

from pi_tui.ui.drawing.spans import Piece

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
