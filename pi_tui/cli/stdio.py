"""Writing to standard output and error when the reader or terminal may be gone or the disk full."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO

from pi_tui.analysis.text.strip_escapes import spell_escapes
from pi_tui.engine.errors import LogError


class StandardOutputError(LogError):
    """Standard output cannot be written, so results are missing there."""


def print_bytes(data: bytes, *, is_clean: bool = False) -> bool:
    """Write bytes to standard output; return False if its reader is gone.

    On a terminal, control characters are replaced by escapes, unless `is_clean` says that they have been removed already and
    those left are pi-tui's colours.

    Raises:
        StandardOutputError: the disk is full, or the terminal is gone.
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
    """Return whether the screen can open: keys come from standard input, and Textual draws on standard error."""
    return all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))


def make_output_error(error: OSError) -> StandardOutputError:
    """Return the error to report for a failed write to standard output."""
    reason = error.strerror or str(error)
    return StandardOutputError(f"cannot write standard output: {reason[:1].lower()}{reason[1:]}")


def write_text(text: str, stream: TextIO) -> bool:
    """Write to a stream that carries no results, and flush it; return False, and discard the rest, if that fails."""
    try:
        stream.write(text)
        stream.flush()
    except OSError:
        discard_output(stream)
        return False
    return True


def discard_output(stream: TextIO) -> None:
    """Redirect a stream to the null device, so that flushing its buffer, also at exit, cannot fail."""
    with suppress(OSError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
