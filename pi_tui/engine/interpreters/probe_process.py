"""Programs that are asked something: with patience, in a session of their own, and so that nobody has to wait for them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress

from pi_tui.observe.process import parent_death_wrapper


class ProbeCancelledError(Exception):
    """Nobody wants to know any more."""


class ProbeRunner:
    """Asks programs, from any number of threads; `cancel`, from another, ends all that have not answered."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[str]] = set()
        self._cancelled = False
        self._lock = threading.Lock()

    def run(self, command: list[str], timeout_s: float) -> str:
        """What a command prints.

        In a session of its own, which Linux, unless it was told otherwise, gives a share of the cores of its own: a
        free-threaded 3.13 gives its core away ten thousand times (sched_yield) as it starts, each time to whatever else the
        session has at work. What does not answer in time ends with whatever it has started itself, and what still thinks
        about it when this process ends, however it ends, does so as well.

        Raises:
            ProbeCancelledError: before it had answered.
            subprocess.TimeoutExpired: it did not answer within `timeout_s` seconds.
            subprocess.CalledProcessError: it ended with another exit code than 0.
            OSError: it cannot be started.
            ValueError: what it printed is no text.
        """
        watched, held = os.pipe()
        try:
            with self._start(command, watched) as program:
                try:
                    said, complaint = program.communicate(timeout=timeout_s)
                except BaseException:
                    _kill_session(program)
                    raise
                finally:
                    with self._lock:
                        self._running.discard(program)
        finally:
            os.close(watched)
            os.close(held)
        if self._cancelled:
            raise ProbeCancelledError
        if complaint.startswith(parent_death_wrapper.START_FAILED):
            number = int(complaint.removeprefix(parent_death_wrapper.START_FAILED))
            raise OSError(number, os.strerror(number), command[0])
        if program.returncode:
            raise subprocess.CalledProcessError(program.returncode, command)
        return said

    def cancel(self) -> None:
        """End all programs that are being asked; no further one is asked."""
        with self._lock:
            self._cancelled = True
            for program in self._running:
                _kill_session(program)

    def _start(self, command: list[str], watched: int) -> subprocess.Popen[str]:
        with self._lock:
            if self._cancelled:
                raise ProbeCancelledError
            program = subprocess.Popen(
                [sys.executable, "-I", "-S", parent_death_wrapper.__file__, str(watched), *command],
                pass_fds=(watched,),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
            self._running.add(program)
            return program


def _kill_session(program: subprocess.Popen[str]) -> None:
    """End a program with everything of its session, unless it has ended by itself."""
    if program.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(program.pid, signal.SIGKILL)
