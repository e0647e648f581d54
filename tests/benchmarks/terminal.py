"""A pseudo-terminal of 120x40 for a program to draw on; its output is read, as a real terminal would."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
SIZE = (40, 120)
_PATIENCE_S = 30.0


class Terminal:
    """A program on a pseudo-terminal.

    Args:
        arguments: its command line.
        pass_fds: descriptors that it inherits.
    """

    def __init__(self, arguments: Sequence[str], pass_fds: Sequence[int] = ()) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONPATH": str(ROOT)}
        self._began = time.perf_counter()
        self.process = subprocess.Popen(
            arguments,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            pass_fds=tuple(pass_fds),
            env=environment,
            cwd=ROOT,
            start_new_session=True,
        )
        os.close(theirs)
        self.tail = b""

    def seconds_until(self, marker: bytes) -> float:
        """Return the seconds from the program's start until it has written `marker`.

        Raises:
            TimeoutError: the program does not write it in time.
        """
        while marker not in self.tail:
            if time.perf_counter() - self._began > _PATIENCE_S or not self._read():
                raise TimeoutError(f"{marker!r} was never written: {self.tail!r}")
        return time.perf_counter() - self._began

    def watch(self) -> None:
        """Read the output in a thread from now on, until the program ends."""
        threading.Thread(target=self._drain, daemon=True).start()

    def end(self) -> None:
        """Terminate the program and wait for it."""
        self.process.terminate()
        while self.process.poll() is None and self._read():
            continue
        self.process.wait(_PATIENCE_S)
        os.close(self._ours)

    def _drain(self) -> None:
        while self._read():
            continue

    def _read(self) -> bool:
        """Read once; return whether the program still has the terminal."""
        if select.select([self._ours], [], [], 0.05)[0]:
            try:
                data = os.read(self._ours, 65536)
            except OSError:  # on Linux: no process has the other end any more
                return False
            self.tail = self.tail[-4096:] + data
        return True
