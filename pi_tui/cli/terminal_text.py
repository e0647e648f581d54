"""Text for any terminal: in its encoding, within its width."""

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
    """Replace the characters that an encoding lacks by ASCII; None is ASCII."""
    return spell_ascii(text, encoding or "ascii")


def get_terminal_width() -> int:
    """Return the width of the terminal in columns, at least 40; 80 if there is no terminal."""
    return max(40, shutil.get_terminal_size((80, 24)).columns)


def wrap_text(text: str, columns: int, indent: str = "") -> list[str]:
    """Wrap text into lines of at most `columns` cells, each starting with `indent`."""
    wrapper = textwrap.TextWrapper(
        columns, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    # TextWrapper counts characters, so a character that takes two cells is followed by a filler while it wraps.
    lines = wrapper.wrap("".join(char or _FILLER for char in by_cell(text)))
    return [line.replace(_FILLER, "") for line in lines]


def align_columns(rows: Sequence[tuple[str, ...]], indent: str = "") -> list[str]:
    """Align rows in columns separated by two spaces; the last column wraps within the terminal's width."""
    sizes = [max(cells(row[index]) for row in rows) for index in range(len(rows[0]) - 1)] if rows else []
    lines = []
    for row in rows:
        head = indent + "".join(f"{padded(cell, size)}  " for cell, size in zip(row, sizes, strict=False))
        body = wrap_text(row[-1], max(20, get_terminal_width() - cells(head))) or [""]
        lines.append((head + body[0]).rstrip())
        lines.extend(" " * cells(head) + more for more in body[1:])
    return lines


def print_line(text: str) -> None:
    """Print a line on standard output."""
    print(make_encodable(strip_escapes(text), sys.stdout.encoding))


def print_message(sentence: str) -> None:
    """Print a sentence on standard error, on one line, after the program's name."""
    sentence = " ".join(strip_escapes(sentence).split())
    if sentence[1:2].islower():
        sentence = sentence[0].lower() + sentence[1:]
    write_text(make_encodable(f"pi-tui: {sentence}\n", sys.stderr.encoding), sys.stderr)


def summarize_failure(status: str, failure: Failure) -> str:
    """Return the status and the failure in at most `_MAX_MESSAGE` characters; JSON has the whole message."""
    return textwrap.shorten(f"{status}: {describe_failure(status, failure)}", _MAX_MESSAGE, placeholder=" …")
