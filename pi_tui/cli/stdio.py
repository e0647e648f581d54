"""Standard output and error as they may be: without a reader, on a full disk, or of a terminal that is gone."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO

from pi_tui.analysis.text.strip_escapes import spell_escapes
from pi_tui.engine.errors import LogError


class StandardOutputError(LogError):
    """Standard output cannot be written: results that were to be there are not."""


def print_bytes(data: bytes, *, is_clean: bool = False) -> bool:
    """Write bytes whole to standard output; whether anybody reads them.

    On a terminal, control characters are spelt out, unless the text went through the gate already (`is_clean`) and may have
    colours of our own.

    Raises:
        StandardOutputError: there is no room for them, or the terminal is gone.
    """
    try:
        sys.stdout.flush()
        if not is_clean and sys.stdout.isatty():
            encoding = sys.stdout.encoding or "ascii"
            data = spell_escapes(data.decode("utf-8", "backslashreplace")).encode(encoding, "backslashreplace")
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        discard_output(sys.stdout)
        return False
    except OSError as error:
        discard_output(sys.stdout)
        raise make_output_error(error) from error
    return True


def has_terminal() -> bool:
    """Whether there is a terminal for the screen: keys come from standard input, and Textual draws on standard error."""
    return all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))


def make_output_error(error: OSError) -> StandardOutputError:
    """What is to be told of a failed write to standard output."""
    reason = error.strerror or str(error)
    return StandardOutputError(f"cannot write standard output: {reason[:1].lower()}{reason[1:]}")


def write_text(text: str, stream: TextIO) -> bool:
    """Write to a stream that carries no results, at once; whether it could be. Where it cannot, nobody could be told."""
    try:
        stream.write(text)
        stream.flush()
    except OSError:
        discard_output(stream)
        return False
    return True


def discard_output(stream: TextIO) -> None:
    """Nobody will read a stream any more: what is left in its buffer goes null, also at the interpreter's end."""
    with suppress(OSError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
