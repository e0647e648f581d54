"""Text for any terminal: glyphs that its encoding lacks are spelt out, lines are kept within its width."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pi_tui.analysis.text.ascii import spell_ascii
from pi_tui.analysis.text.cell_width import by_cell, cells, padded
from pi_tui.analysis.text.prose import describe_failure
from pi_tui.analysis.text.strip_escapes import strip_escapes
from pi_tui.cli.stdio import write_text

if TYPE_CHECKING:
    from pi_tui.host.protocol import Failure

_MAX_MESSAGE = 300
_FILLER = "\0"


def make_encodable(text: str, encoding: str | None) -> str:
    """Return the text as an encoding can carry it; None is ASCII."""
    return spell_ascii(text, encoding or "ascii")


def terminal_width() -> int:
    """Columns to write in: the terminal's, 80 where there is none."""
    return max(40, shutil.get_terminal_size((80, 24)).columns)


def wrap_text(text: str, columns: int, indent: str = "") -> list[str]:
    """`text` in lines of at most so many columns, each behind `indent`."""
    wrapper = textwrap.TextWrapper(
        columns, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    # It counts characters: one that takes two cells is given a second one for the while.
    lines = wrapper.wrap("".join(char or _FILLER for char in by_cell(text)))
    return [line.replace(_FILLER, "") for line in lines]


def align_columns(rows: Sequence[tuple[str, ...]], indent: str = "") -> list[str]:
    """Rows in aligned columns, two blanks apart; the last column wraps within the width."""
    sizes = [max(cells(row[index]) for row in rows) for index in range(len(rows[0]) - 1)] if rows else []
    lines = []
    for row in rows:
        head = indent + "".join(f"{padded(cell, size)}  " for cell, size in zip(row, sizes, strict=False))
        body = wrap_text(row[-1], max(20, terminal_width() - cells(head))) or [""]
        lines.append((head + body[0]).rstrip())
        lines.extend(" " * cells(head) + more for more in body[1:])
    return lines


def print_line(text: str) -> None:
    """A line on standard output."""
    print(make_encodable(strip_escapes(text), sys.stdout.encoding))


def print_message(sentence: str) -> None:
    """A sentence on standard error, on one line, with the program's name before it."""
    sentence = " ".join(strip_escapes(sentence).split())
    if sentence[1:2].islower():
        sentence = sentence[0].lower() + sentence[1:]
    write_text(make_encodable(f"pi-tui: {sentence}\n", sys.stderr.encoding), sys.stderr)


def summarize_failure(status: str, failure: Failure) -> str:
    """Return the status and what failed in at most `_MAX_MESSAGE` characters; JSON has the whole message."""
    return textwrap.shorten(f"{status}: {describe_failure(status, failure)}", _MAX_MESSAGE, placeholder=" …")
