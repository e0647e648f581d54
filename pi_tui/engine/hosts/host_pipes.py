"""What goes through a host's pipes: descriptors, lines, and the end of a log."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from threading import Lock

if sys.platform != "win32":
    import fcntl

LOG_BYTES = 64 * 1024
"""How much of what kernels printed is kept."""
MAX_LINE_BYTES = 256 * 1024 * 1024
"""Bytes beyond which an event without an end is no event."""
_CHUNK = 64 * 1024
_POLL_MS = 100


class LineTooLongError(ValueError):
    """More than `MAX_LINE_BYTES` bytes came without a newline."""


class Pipe:
    """A pipe with an end for the child and one for the app. Neither end is ever 0, 1 or 2, whatever the app had closed.

    Both are closed on exec unless handed down by name.
    """

    def __init__(self) -> None:
        reading, writing = os.pipe()
        self.reading = _move_above_stderr(reading)
        self.writing = _move_above_stderr(writing)

    @classmethod
    def open_in(cls, stack: ExitStack) -> Pipe:
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
        self.reading = _close(self.reading)

    def close_writing(self) -> None:
        """Close the end that is written to; harmless when repeated."""
        self.writing = _close(self.writing)


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
                Pipe.open_in(unless_all_are_had) for _ in range(5)
            )
            unless_all_are_had.pop_all()
        for descriptor in (self.requests.writing, self.events.reading, self.log.reading, self.report.reading):
            os.set_blocking(descriptor, False)

    @property
    def observer_descriptors(self) -> tuple[int, ...]:
        """What is handed down to the observer, besides the log as its standard error."""
        return self.requests.reading, self.events.writing, self.control.reading, self.report.writing

    def close_child_ends(self) -> None:
        """Once the observer has them: only so do the app's ends see the others' end."""
        for pipe in (self.requests, self.control):
            pipe.close_reading()
        for pipe in (self.events, self.log, self.report):
            pipe.close_writing()

    def close(self) -> None:
        """Close all that is open; harmless when repeated."""
        for pipe in (self.requests, self.events, self.log, self.control, self.report):
            pipe.close()


class RequestWriter:
    """Writes whole requests into a non-blocking pipe until it is closed. Any thread may use it."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._closed = False
        self._lock = Lock()

    def write(self, data: bytes) -> bool:
        """Write everything, waiting for room; return False if the reader is gone or the pipe was closed."""
        with self._lock:
            descriptor = self._pipe.writing
            left = memoryview(data)
            room = select.poll()
            if not self._closed:
                room.register(descriptor, select.POLLOUT)
            while left and not self._closed:
                try:
                    left = left[os.write(descriptor, left) :]
                except BlockingIOError:
                    room.poll(_POLL_MS)
                except OSError:
                    break
            return not left and not self._closed

    def close(self) -> None:
        """Close the pipe; a blocked `write` returns within `_POLL_MS`."""
        self._closed = True
        with self._lock:
            self._pipe.close()


class LineBuffer:
    """Puts the lines of a stream together again, however it was cut, in time proportional to its length."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._length = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The lines that `data` completes, without their newlines. LineTooLongError where none ever ends."""
        *ends, rest = data.split(b"\n")
        for end in ends:
            yield b"".join((*self._parts, end))
            self._parts = []
            self._length = 0
        if rest:
            self._parts.append(rest)
            self._length += len(rest)
            if self._length > MAX_LINE_BYTES:
                raise LineTooLongError(f"an event of over {MAX_LINE_BYTES} bytes")


class LogTail:
    """The last `LOG_BYTES` of a stream that may be endless. Any thread may read it."""

    def __init__(self) -> None:
        self._tail = b""
        self._total = 0
        self._lock = Lock()

    def append(self, data: bytes) -> None:
        """Take in more, let go of the oldest."""
        with self._lock:
            self._tail = (self._tail + data)[-LOG_BYTES:]
            self._total += len(data)

    def position(self) -> int:
        """The place that the stream has come to."""
        with self._lock:
            return self._total

    def read(self, since: int = 0) -> str:
        """What is kept of what came after a mark; bytes that are no UTF-8 are replaced."""
        with self._lock:
            gone = self._total - len(self._tail)
            return self._tail[max(0, since - gone) :].decode(errors="replace")


def read_available(descriptor: int) -> bytes | None:
    """What a non-blocking descriptor has to give: None for nothing now, empty for its end."""
    try:
        return os.read(descriptor, _CHUNK)
    except BlockingIOError:
        return None
    except OSError:
        return b""


def _move_above_stderr(descriptor: int) -> int:
    if descriptor > 2 or sys.platform == "win32":
        return descriptor
    try:
        return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 3)
    finally:
        os.close(descriptor)


def _close(descriptor: int) -> int:
    if descriptor >= 0:
        with suppress(OSError):
            os.close(descriptor)
    return -1
