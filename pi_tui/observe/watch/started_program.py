"""A program that the watcher itself starts, and terminates together with its descendants. Standard library only."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from pi_tui.observe.proc.process_tree import (
    RUN_ID_VARIABLE,
    Process,
    find_descendants,
    is_resource_tracker,
    is_same_process,
    list_processes,
)
from pi_tui.observe.process import cleanup
from pi_tui.observe.process.subreaper import become_subreaper, die_with_parent
from pi_tui.observe.watch.watch_spec import WatchSpec

TERMINATE_GRACE_S = 2.0
"""The time between SIGTERM and SIGKILL."""

_EXIT_GRACE_S = 0.3
"""The time that the descendants of an ended program have to end by themselves."""

_POLL_S = 0.02
Wait = Callable[[float], bool]
"""Sleeps at most so many seconds; returns whether the program is to be killed at once."""


class CannotStartError(Exception):
    """The command cannot be started; the message is a sentence that explains why."""


class StartedProgram:
    """Starts a command in a new session.

    Args:
        spec: the command, its environment and its streams.
        files_limit: soft and hard limit of open files for the program; None: as this process has them.

    Raises:
        CannotStartError: there is no such command, or it may not be run.
    """

    def __init__(self, spec: WatchSpec, files_limit: tuple[int, int] | None) -> None:
        become_subreaper()
        self._run_id = spec.run_id
        self._has_ended = False
        self._status: int | None = None
        assert spec.streams is not None
        assert spec.environment is not None
        request_death_signal = die_with_parent(os.getpid())

        def prepare() -> None:
            if files_limit is not None:
                import resource

                resource.setrlimit(resource.RLIMIT_NOFILE, files_limit)
            request_death_signal()

        try:
            stdin, stdout, stderr = spec.streams
            process = subprocess.Popen(
                spec.command,
                env={**spec.environment, RUN_ID_VARIABLE: spec.run_id},
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
                preexec_fn=prepare,
            )
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            raise CannotStartError(_describe_error(spec.command[0], error)) from error
        finally:
            for stream in set(spec.streams):
                os.close(stream)
        self.pid = process.pid
        process.returncode = 0  # `_reap_all` waits for the process, not `subprocess`

    def has_ended(self) -> bool:
        """Reap ended orphans but not the first process; return whether the first process has ended."""
        with suppress(ChildProcessError):
            while (
                not self._has_ended
                and (dead := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) is not None
            ):
                if dead.si_pid == self.pid:
                    self._has_ended = True
                else:
                    os.waitpid(dead.si_pid, os.WNOHANG)
        return self._has_ended

    def terminate(self, wait: Wait, clock: Callable[[], float] = time.monotonic) -> tuple[int, tuple[int, ...]]:
        """Terminate the program's remaining processes: SIGTERM, then SIGKILL.

        Returns:
            How many processes besides the first were left, and the ids of those that could not be killed.
        """
        if self.has_ended():
            self._wait_for_all(_EXIT_GRACE_S, wait, clock)
        remaining = self._list_remaining()
        others = {process.pid for process in remaining} - {self.pid}
        if remaining:
            self._send_sigterm(remaining)
            self._wait_for_all(TERMINATE_GRACE_S, wait, clock)
        criteria = cleanup.ProcessCriteria(self._run_id, self.pid, ancestor=os.getpid())

        def pause(seconds: float) -> None:
            wait(seconds)

        ended, survivors = cleanup.kill_processes(criteria, children_remain=self._reap_all, wait=pause, clock=clock)
        self._reap_all()
        return len(others | (ended - {self.pid})), tuple(sorted(survivors))

    @property
    def exit_code(self) -> int | None:
        """The first process's exit code, as `subprocess` has it: negative for a signal. None until it was reaped."""
        return None if self._status is None else os.waitstatus_to_exitcode(self._status)

    def _list_remaining(self) -> list[Process]:
        """Return the remaining processes except `multiprocessing`'s resource trackers, which end by themselves."""
        table = list_processes()
        return [table[pid] for pid in find_descendants(table, (os.getpid(),)) if not is_resource_tracker(pid)]

    def _send_sigterm(self, remaining: list[Process]) -> None:
        for process in remaining:
            if is_same_process(process):
                for number in (signal.SIGTERM, signal.SIGCONT):  # a stopped process would not handle SIGTERM
                    with suppress(OSError):
                        os.kill(process.pid, number)

    def _wait_for_all(self, limit_s: float, wait: Wait, clock: Callable[[], float]) -> None:
        started = clock()
        while self._list_remaining() and clock() - started < limit_s and not wait(_POLL_S):
            self.has_ended()

    def _reap_all(self) -> bool:
        """Reap all ended children; return whether any child is left."""
        try:
            while (dead := os.waitpid(-1, os.WNOHANG))[0] != 0:
                if dead[0] == self.pid:
                    self._status = dead[1]
        except ChildProcessError:
            return False
        return True


def _describe_error(command: str, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return f"There is no command {command!r}."
    if isinstance(error, PermissionError):
        return f"{command!r} may not be run: {(error.strerror or '').lower()}."
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"{command!r} cannot be started: {reason}."


def raise_open_files_limit() -> tuple[int, int] | None:
    """Raise this process's limit of open files, as each sampled thread needs two; return the soft and hard limit before."""
    if sys.platform == "win32":
        return None
    import resource

    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = before[1] if before[1] != resource.RLIM_INFINITY else 1 << 16
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(before[0], min(wanted, 1 << 16)), before[1]))
    return before
