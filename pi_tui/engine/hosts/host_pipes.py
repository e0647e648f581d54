"""The pipes between the app, the observer and the host: descriptors, requests, lines, and the end of the log."""

from __future__ import annotations

import os
import select
import struct
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from threading import Lock

if sys.platform != "win32":
    import fcntl
    import termios

LOG_BYTES = 64 * 1024
"""How much of what kernels print is kept."""
MAX_LINE_BYTES = 256 * 1024 * 1024
"""A longer event breaks the protocol."""
_CHUNK = 64 * 1024
_POLL_MS = 100


class LineTooLongError(ValueError):
    """More than `MAX_LINE_BYTES` bytes came without a newline."""


class Pipe:
    """A pipe with one end for the child and one for the app. No end is ever descriptor 0, 1 or 2, whatever the app had closed.

    Both ends are closed on exec unless they are passed on by number.
    """

    def __init__(self) -> None:
        reading, writing = os.pipe()
        self.reading = _move_above_stderr(reading)
        self.writing = _move_above_stderr(writing)

    @classmethod
    def open_in(cls, stack: ExitStack) -> Pipe:
        """Open a pipe that `stack` closes, unless `pop_all` is called before."""
        pipe = cls()
        stack.callback(pipe.close)
        return pipe

    def close(self) -> None:
        """Close both ends. Repeating it is harmless."""
        self.close_reading()
        self.close_writing()

    def close_reading(self) -> None:
        """Close the reading end. Repeating it is harmless."""
        self.reading = _close(self.reading)

    def close_writing(self) -> None:
        """Close the writing end. Repeating it is harmless."""
        self.writing = _close(self.writing)


class HostPipes:
    """All pipes between the app, the observer and the host.

    Attributes:
        requests: app to host.
        events: host to app.
        log: what the host, its workers and its observer print, to the app.
        control: app to observer; end of file tells that the app is gone.
        report: observer to app; end of file tells that the observer is gone.
    """

    def __init__(self) -> None:
        with ExitStack() as unless_complete:
            self.requests, self.events, self.log, self.control, self.report = (
                Pipe.open_in(unless_complete) for _ in range(5)
            )
            unless_complete.pop_all()
        _enlarge(self.log.writing)
        for descriptor in (self.requests.writing, self.events.reading, self.log.reading, self.report.reading):
            os.set_blocking(descriptor, False)

    @property
    def observer_descriptors(self) -> tuple[int, ...]:
        """The descriptors passed on to the observer, besides the log, which is its standard error."""
        return self.requests.reading, self.events.writing, self.control.reading, self.report.writing

    def close_child_ends(self) -> None:
        """Close the observer's ends in the app, once the observer has them; only then can the app see end of file."""
        for pipe in (self.requests, self.control):
            pipe.close_reading()
        for pipe in (self.events, self.log, self.report):
            pipe.close_writing()

    def close(self) -> None:
        """Close everything that is open. Repeating it is harmless."""
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
    """Joins the pieces of a stream into lines, in time proportional to its length."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._length = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the lines that `data` completes, without their newlines.

        Raises:
            LineTooLongError: a line has more than `MAX_LINE_BYTES` bytes.
        """
        *ends, rest = data.split(b"\n")
        for end in ends:
            yield b"".join((*self._parts, end))
            self._parts = []
            self._length = 0
        if rest:
            self._parts.append(rest)
            self._length += len(rest)
            if self._length > MAX_LINE_BYTES:
                raise LineTooLongError(f"an event of more than {MAX_LINE_BYTES} bytes")


class LogTail:
    """The last `LOG_BYTES` of a stream that may be endless. Any thread may use it.

    A kernel may print faster than anybody reads. Reading all of it would take a good part of a core from what is measured, so
    what exceeds the tail is moved out of the pipe within the kernel (splice(2)), unread and counted.
    """

    def __init__(self) -> None:
        self._tail = b""
        self._total = 0
        self._lock = Lock()
        self._nowhere = -1

    def read_from(self, descriptor: int) -> int | None:
        """Read what a pipe holds, at most its last `LOG_BYTES`; return how many bytes it held, None at the end of file."""
        skipped = self._skip(descriptor, _count_available(descriptor) - LOG_BYTES)
        data = read_available(descriptor)
        if data:
            self.append(data, skipped)
            return skipped + len(data)
        return 0 if data is None else None

    def _skip(self, descriptor: int, count: int) -> int:
        """Drop bytes of a pipe without reading them; return how many."""
        if count <= 0 or not hasattr(os, "splice"):
            return 0
        if self._nowhere < 0:
            self._nowhere = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
        try:
            return os.splice(descriptor, self._nowhere, count)
        except OSError:
            return 0

    def close(self) -> None:
        """Close what was opened. Repeating it is harmless."""
        self._nowhere = _close(self._nowhere)

    def append(self, data: bytes, skipped: int = 0) -> None:
        """Append bytes, of which `skipped` ones before them were not read, and drop the oldest beyond `LOG_BYTES`."""
        with self._lock:
            gap = f"\n[{format_bytes(skipped)} not kept]\n".encode() if skipped else b""
            self._tail = (self._tail + gap + data)[-LOG_BYTES:]
            self._total += skipped + len(data)

    def position(self) -> int:
        """Return how many bytes have been appended so far."""
        with self._lock:
            return self._total

    def read(self, since: int = 0) -> str:
        """Return what is kept of the bytes after the position `since`; bytes that are not UTF-8 are replaced."""
        with self._lock:
            gone = max(0, self._total - len(self._tail))
            return self._tail[max(0, since - gone) :].decode(errors="replace")


def format_bytes(count: int) -> str:
    """Return a number of bytes as people read it: "1.2 GB"."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"


def _count_available(descriptor: int) -> int:
    """Return how many bytes a pipe holds; 0 where the system does not tell."""
    try:
        return int(struct.unpack("i", fcntl.ioctl(descriptor, termios.FIONREAD, b"\0" * 4))[0])
    except (OSError, NameError):
        return 0


def read_available(descriptor: int) -> bytes | None:
    """Read what a non-blocking descriptor has: None if nothing is there now, empty at the end of file."""
    try:
        return os.read(descriptor, _CHUNK)
    except BlockingIOError:
        return None
    except OSError:
        return b""


def _enlarge(descriptor: int) -> None:
    """Make a pipe as large as an unprivileged process may, so that who prints does not wait for the reader."""
    with suppress(OSError, NameError, AttributeError):
        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, 1 << 20)


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
