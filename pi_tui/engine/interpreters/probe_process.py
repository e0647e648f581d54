"""Programs that are asked something: with patience, in a session of their own, and so that nobody has to wait for them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress

from pi_tui.observe.process import parent_death_wrapper


class GivenUpError(Exception):
    """Nobody wants to know any more."""


class Questions:
    """Asks programs, from any number of threads; `give_up`, from another, ends all that have not answered."""

    def __init__(self) -> None:
        self._asked: set[subprocess.Popen[str]] = set()
        self._over = False
        self._lock = threading.Lock()

    def ask(self, command: list[str], patience_s: float) -> str:
        """What a command prints.

        In a session of its own, which Linux, unless it was told otherwise, gives a share of the cores of its own: a
        free-threaded 3.13 gives its core away ten thousand times (sched_yield) as it starts, each time to whatever else the
        session has at work. What does not answer in time ends with whatever it has started itself, and what still thinks
        about it when this process ends, however it ends, does so as well.

        Raises:
            GivenUpError: before it had answered.
            subprocess.TimeoutExpired: it did not answer within `patience_s` seconds.
            subprocess.CalledProcessError: it ended with another exit code than 0.
            OSError: it cannot be started.
            ValueError: what it printed is no text.
        """
        watched, held = os.pipe()
        try:
            with self._started(command, watched) as program:
                try:
                    said, complaint = program.communicate(timeout=patience_s)
                except BaseException:
                    _end(program)
                    raise
                finally:
                    with self._lock:
                        self._asked.discard(program)
        finally:
            os.close(watched)
            os.close(held)
        if self._over:
            raise GivenUpError
        if complaint.startswith(parent_death_wrapper.START_FAILED):
            number = int(complaint.removeprefix(parent_death_wrapper.START_FAILED))
            raise OSError(number, os.strerror(number), command[0])
        if program.returncode:
            raise subprocess.CalledProcessError(program.returncode, command)
        return said

    def give_up(self) -> None:
        """End all programs that are being asked; no further one is asked."""
        with self._lock:
            self._over = True
            for program in self._asked:
                _end(program)

    def _started(self, command: list[str], watched: int) -> subprocess.Popen[str]:
        with self._lock:
            if self._over:
                raise GivenUpError
            program = subprocess.Popen(
                [sys.executable, "-I", "-S", parent_death_wrapper.__file__, str(watched), *command],
                pass_fds=(watched,),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
            self._asked.add(program)
            return program


def _end(program: subprocess.Popen[str]) -> None:
    """End a program with everything of its session, unless it has ended by itself."""
    if program.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(program.pid, signal.SIGKILL)
