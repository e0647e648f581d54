"""A program that the watcher itself starts, and ends with everything that it started. Standard library only."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from pi_tui.observe.proc.process_tree import MARK, Process, family, is_resource_tracker, is_still, processes
from pi_tui.observe.process import cleanup
from pi_tui.observe.process.subreaper import become_subreaper, die_with
from pi_tui.observe.watch.order import WatchOrder

GRACE_S = 2.0
"""How long a program may take to end once it was asked to (SIGTERM); then it is ended (SIGKILL)."""

_TIDYING_S = 0.3
"""How long what is left of a program that has ended may take to end by itself."""

_LOOK_AGAIN_S = 0.02
Wait = Callable[[float], bool]
"""Lets at most so many seconds pass; whether there is time no more."""


class CannotStartError(Exception):
    """The command cannot be started; a sentence tells why."""


class StartedProgram:
    """Starts a command in a session of its own.

    Raises:
        CannotStartError: there is no such command, or it may not be run.
    """

    def __init__(self, order: WatchOrder, files_limit: tuple[int, int] | None) -> None:
        become_subreaper()
        self._run_id = order.run_id
        self._dead = False
        self._status: int | None = None
        assert order.streams is not None
        assert order.environment is not None
        death = die_with(os.getpid())

        def prepare() -> None:
            if files_limit is not None:
                import resource

                resource.setrlimit(resource.RLIMIT_NOFILE, files_limit)
            death()

        try:
            stdin, stdout, stderr = order.streams
            process = subprocess.Popen(
                order.command,
                env={**order.environment, MARK: order.run_id},
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
                preexec_fn=prepare,
            )
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            raise CannotStartError(_sentence(order.command[0], error)) from error
        finally:
            for stream in set(order.streams):
                os.close(stream)
        self.pid = process.pid
        process.returncode = 0  # it is `bury` that waits for it

    def over(self) -> bool:
        """Whether its first process has ended. Orphans are waited for, as a subreaper has to; that process is not yet."""
        with suppress(ChildProcessError):
            while not self._dead and (dead := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) is not None:
                if dead.si_pid == self.pid:
                    self._dead = True
                else:
                    os.waitpid(dead.si_pid, os.WNOHANG)
        return self._dead

    def end(self, wait: Wait, clock: Callable[[], float] = time.monotonic) -> tuple[int, tuple[int, ...]]:
        """End whatever is left of it: how many processes besides the first were still there, and whom nothing ended."""
        if self.over():
            self._wait_until_all_are_gone(_TIDYING_S, wait, clock)
        left = self._left()
        others = {process.pid for process in left} - {self.pid}
        if left:
            self._ask(left)
            self._wait_until_all_are_gone(GRACE_S, wait, clock)
        kin = cleanup.Kin(self._run_id, self.pid, ancestor=os.getpid())

        def pause(seconds: float) -> None:
            wait(seconds)

        ended, survivors = cleanup.end_processes(kin, anyone_left=self._bury_all, wait=pause, clock=clock)
        self._bury_all()
        return len(others | (ended - {self.pid})), tuple(sorted(survivors))

    @property
    def exit_code(self) -> int | None:
        """As `subprocess` tells it, once it was waited for."""
        return None if self._status is None else os.waitstatus_to_exitcode(self._status)

    def _left(self) -> list[Process]:
        """Who is still there, but for the helpers of `multiprocessing`, which end when they are no longer needed."""
        table = processes()
        return [table[pid] for pid in family(table, (os.getpid(),)) if not is_resource_tracker(pid)]

    def _ask(self, left: list[Process]) -> None:
        for process in left:
            if is_still(process):
                for number in (signal.SIGTERM, signal.SIGCONT):  # who stands still would not hear it
                    with suppress(OSError):
                        os.kill(process.pid, number)

    def _wait_until_all_are_gone(self, patience_s: float, wait: Wait, clock: Callable[[], float]) -> None:
        started = clock()
        while self._left() and clock() - started < patience_s and not wait(_LOOK_AGAIN_S):
            self.over()

    def _bury_all(self) -> bool:
        """Wait for all who are dead: whether anyone below is left, as the system itself knows it."""
        try:
            while (dead := os.waitpid(-1, os.WNOHANG))[0] != 0:
                if dead[0] == self.pid:
                    self._status = dead[1]
        except ChildProcessError:
            return False
        return True


def _sentence(command: str, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return f"There is no command {command!r}."
    if isinstance(error, PermissionError):
        return f"{command!r} may not be run: {(error.strerror or '').lower()}."
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"{command!r} cannot be started: {reason}."


def raise_files_limit() -> tuple[int, int] | None:
    """Allow this process as many open files as it may have, two a thread being needed; what was allowed before."""
    if sys.platform == "win32":
        return None
    import resource

    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = before[1] if before[1] != resource.RLIM_INFINITY else 1 << 16
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(before[0], min(wanted, 1 << 16)), before[1]))
    return before
