"""What goes through a host's pipes: descriptors, lines, and the end of a log."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from threading import Lock

if sys.platform != "win32":
    import fcntl

LOG_BYTES = 64 * 1024
"""How much of what kernels printed is kept."""
LONGEST_LINE = 256 * 1024 * 1024
"""Bytes beyond which an event without an end is no event."""
_CHUNK = 64 * 1024


class LineError(ValueError):
    """More than `LONGEST_LINE` bytes came without a newline."""


class Pipe:
    """A pipe with an end for the child and one for the app. Neither end is ever 0, 1 or 2, whatever the app had closed.

    Both are closed on exec unless handed down by name.
    """

    def __init__(self) -> None:
        reading, writing = os.pipe()
        self.reading = _beyond_standard(reading)
        self.writing = _beyond_standard(writing)

    @classmethod
    def closed_by(cls, stack: ExitStack) -> Pipe:
        """A new one; a stack that is not emptied before closes it."""
        pipe = cls()
        stack.callback(pipe.close)
        return pipe

    def close(self) -> None:
        """Close what is open; harmless when repeated."""
        self.close_reading()
        self.close_writing()

    def close_reading(self) -> None:
        """Close the end that is read from; harmless when repeated."""
        self.reading = _closed(self.reading)

    def close_writing(self) -> None:
        """Close the end that is written to; harmless when repeated."""
        self.writing = _closed(self.writing)


class HostPipes:
    """All pipes between the app, the observer and the host.

    Attributes:
        requests: app to host.
        events: host to app.
        log: whatever host, workers and observer print, to the app.
        control: app to observer; its end tells that the app is gone.
        report: observer to app; its end tells that the observer is gone.
    """

    def __init__(self) -> None:
        with ExitStack() as unless_all_are_had:
            self.requests, self.events, self.log, self.control, self.report = (
                Pipe.closed_by(unless_all_are_had) for _ in range(5)
            )
            unless_all_are_had.pop_all()
        for descriptor in (self.requests.writing, self.events.reading, self.log.reading, self.report.reading):
            os.set_blocking(descriptor, False)

    @property
    def of_the_observer(self) -> tuple[int, ...]:
        """What is handed down to the observer, besides the log as its standard error."""
        return self.requests.reading, self.events.writing, self.control.reading, self.report.writing

    def close_childrens_ends(self) -> None:
        """Once the observer has them: only so do the app's ends see the others' end."""
        for pipe in (self.requests, self.control):
            pipe.close_reading()
        for pipe in (self.events, self.log, self.report):
            pipe.close_writing()

    def close(self) -> None:
        """Close all that is open; harmless when repeated."""
        for pipe in (self.requests, self.events, self.log, self.control, self.report):
            pipe.close()


class Lines:
    """Puts the lines of a stream together again, however it was cut, in time proportional to its length."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._length = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The lines that `data` completes, without their newlines. LineError where none ever ends."""
        *ends, rest = data.split(b"\n")
        for end in ends:
            yield b"".join((*self._parts, end))
            self._parts = []
            self._length = 0
        if rest:
            self._parts.append(rest)
            self._length += len(rest)
            if self._length > LONGEST_LINE:
                raise LineError(f"an event of over {LONGEST_LINE} bytes")


class LogTail:
    """The last `LOG_BYTES` of a stream that may be endless. Any thread may read it."""

    def __init__(self) -> None:
        self._kept = b""
        self._taken = 0
        self._lock = Lock()

    def add(self, data: bytes) -> None:
        """Take in more, let go of the oldest."""
        with self._lock:
            self._kept = (self._kept + data)[-LOG_BYTES:]
            self._taken += len(data)

    def mark(self) -> int:
        """The place that the stream has come to."""
        with self._lock:
            return self._taken

    def text(self, since: int = 0) -> str:
        """What is kept of what came after a mark; bytes that are no UTF-8 are replaced."""
        with self._lock:
            gone = self._taken - len(self._kept)
            return self._kept[max(0, since - gone) :].decode(errors="replace")


def read_at_hand(descriptor: int) -> bytes | None:
    """What a non-blocking descriptor has to give: None for nothing now, empty for its end."""
    try:
        return os.read(descriptor, _CHUNK)
    except BlockingIOError:
        return None
    except OSError:
        return b""


def _beyond_standard(descriptor: int) -> int:
    if descriptor > 2 or sys.platform == "win32":
        return descriptor
    try:
        return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 3)
    finally:
        os.close(descriptor)


def _closed(descriptor: int) -> int:
    if descriptor >= 0:
        with suppress(OSError):
            os.close(descriptor)
    return -1
