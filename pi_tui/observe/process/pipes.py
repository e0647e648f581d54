"""Reading and writing the pipes between the app and an observer or watcher. Standard library only."""

from __future__ import annotations

import os


def read_first_line(descriptor: int) -> tuple[int, bytes, bytes] | None:
    """Read the spec with which an observer or watcher begins, and close `descriptor`.

    Returns:
        A duplicate of the descriptor with a low number, as `select` accepts none from 1024 on and the app may have many
        files open; the first line; and the bytes read after it. None if the pipe ended before a whole line.
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
    """Write all of `data` to a blocking pipe. A signal that arrives while the pipe is full makes one write incomplete.

    Raises:
        OSError: the read end is closed.
    """
    while data:
        data = data[os.write(descriptor, data) :]
