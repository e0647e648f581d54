"""Run short programs that print one answer: with a time-out, each in its own session, and ended with this process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress

from pi_tui.observe.process import parent_death_wrapper


class ProbeCancelledError(Exception):
    """The answer is no longer wanted."""


class ProbeRunner:
    """Runs programs from any number of threads; `cancel`, from another thread, ends all that are running."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[str]] = set()
        self._cancelled = False
        self._lock = threading.Lock()

    def run(self, command: list[str], timeout_s: float) -> str:
        """Run a command and return what it prints.

        The command runs in its own session, to which Linux by default gives its own share of the cores (autogroup): a starting
        free-threaded 3.13 calls sched_yield ten thousand times, and each call would give its core to whatever else runs in this
        session. A command that does not answer in time ends together with everything it has started; so does one that is still
        running when this process ends, however it ends.

        Raises:
            ProbeCancelledError: the runner was cancelled before the answer.
            subprocess.TimeoutExpired: there was no answer within `timeout_s` seconds.
            subprocess.CalledProcessError: the exit code was not 0.
            OSError: the command cannot be started.
            ValueError: the output is not text.
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
        """End all running programs; no further one is started."""
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
    """Kill a program and everything else in its session, unless it has already ended."""
    if program.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(program.pid, signal.SIGKILL)
