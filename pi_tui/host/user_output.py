"""Standard output of user code: written line by line, until it becomes a flood."""

import io
import sys

FLOOD_BYTES = 64 << 10
"""What the log keeps of the beginning. After so much, output is written in blocks, as Python does for a file: a system call per
line would make a function that prints several times slower than it is by itself."""

_BLOCK_BYTES = 64 << 10


_replaced: list[object] = []
"""Keeps the former `sys.stdout` alive: up to Python 3.13, `print` writes to it without holding a reference of its own."""


class _LineFile(io.FileIO):
    """A descriptor to write to; once much was written, `sys.stdout` is replaced by one that writes in blocks."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor, "wb", closefd=False)
        self._written = 0

    def write(self, data, /):  # type: ignore[no-untyped-def]
        self._written += len(data)
        if self._written > FLOOD_BYTES and getattr(sys.stdout, "buffer", None) is not None:
            _replaced.append(sys.stdout)
            sys.stdout = _open_text(io.FileIO(self.fileno(), "wb", closefd=False), line_buffering=False)
            self._written = -(1 << 62)
        return super().write(data)


def write_by_lines(descriptor: int = 1) -> None:
    """Let `sys.stdout` of this process write to a descriptor, by lines at first."""
    try:
        sys.stdout = _open_text(_LineFile(descriptor), line_buffering=True)
    except (OSError, ValueError):  # the descriptor is closed
        return


def flush() -> None:
    """Write what is still buffered; whatever the user's code made of `sys.stdout`, nothing is raised."""
    try:  # noqa: SIM105 (contextlib would be one more import)
        sys.stdout.flush()
    except BaseException:
        pass


def _open_text(raw: io.FileIO, *, line_buffering: bool) -> io.TextIOWrapper:
    return io.TextIOWrapper(
        io.BufferedWriter(raw, _BLOCK_BYTES),
        encoding="utf-8",
        errors="backslashreplace",
        line_buffering=line_buffering,
    )
