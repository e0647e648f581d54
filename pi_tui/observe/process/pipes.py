"""Pipes between the app and those who look on: what observer and watcher share. Standard library only."""

from __future__ import annotations

import os


def read_first_line(descriptor: int) -> tuple[int, bytes, bytes] | None:
    """The order that an observer or watcher begins with; None where the app went before it said anything.

    Returns:
        A descriptor of the same pipe with a low number, instead of the one given: `select` takes none from 1024 on, and the
        app may have many files open. The first line; and what was read beyond it.
    """
    low = os.dup(descriptor)
    os.close(descriptor)
    read = b""
    while b"\n" not in read:
        data = os.read(low, 65536)
        if not data:
            os.close(low)
            return None
        read += data
    line, _, unread = read.partition(b"\n")
    return low, line, unread


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of it to a pipe that blocks: a signal that comes while the pipe is full ends a write half way.

    Raises:
        OSError: nobody reads any more.
    """
    while data:
        data = data[os.write(descriptor, data) :]
