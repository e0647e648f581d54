"""The observer: the host's parent, which looks on and, at the end, leaves nothing behind.

One thread and one loop. It wakes when the app says something or is gone (the control pipe), when a process below it ends
(SIGCHLD), and for the lookout's ticks; otherwise it sleeps, so that it takes nothing from what is measured.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from pi_tui.observe.process import cleanup
from pi_tui.observe.process.launch_spec import NEVER_STARTED, STOP, Order
from pi_tui.observe.process.pipes import write_whole
from pi_tui.observe.process.subreaper import become_subreaper, die_with, wake_up_on_signals

if TYPE_CHECKING:
    from pi_tui.host.protocol import Message  # at run time imported once the host is on its way: it takes a while


class Lookout(Protocol):
    """Something that looks on while the host lives."""

    descriptor: int

    @property
    def at_work(self) -> bool:
        """Whether there is anybody to look at; where not, something may come on `descriptor`."""

    def hear(self) -> bool:
        """Take in what has come on `descriptor`; False once nothing more will come."""

    def watch(self, others: Sequence[int]) -> bool:
        """Look on until nobody is at work or there is something to read on one of `others`; False as of `hear`."""


class Observer:
    """Starts one host and stays until it and everything it started is gone.

    Args:
        order: what to start.
        control: descriptor; lines from the app, and its end when the app is gone.
        early: what was already read from `control` after the order.
        post: makes the lookout, from the reading end of the host's roll call and a way to report.
        clock: seconds.
    """

    def __init__(
        self,
        order: Order,
        control: int,
        early: bytes = b"",
        *,
        post: Callable[[int, Callable[[Message], None]], Lookout] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._order = order
        self._control = control
        self._heard = b""
        self._post = post
        self._lookout: Lookout | None = None
        self._clock = clock
        self._host: int | None = None
        self._host_is_dead = False
        self._host_status: int | None = None
        self._told_to_stop = False
        self._wakeup = wake_up_on_signals(self._on_termination)
        self._hear(early)

    def run(self) -> None:
        """Start the host, look on, end everything, and report both."""
        become_subreaper()
        try:
            self._start()
            self._watch()
        finally:
            self._end()

    def _start(self) -> None:
        order = self._order
        hearing, calling = os.pipe()
        _prepare_roll_call(hearing, calling)
        try:
            process = subprocess.Popen(
                order.command if self._post is None else (*order.command, "--roll-call", str(calling)),
                env=order.environment,
                pass_fds=(order.requests, order.events, calling),
                stdin=subprocess.DEVNULL,
                stdout=sys.stderr.fileno(),  # the app's log pipe, as standard error is by inheritance
                start_new_session=True,
                preexec_fn=die_with(os.getpid()),
            )
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            print(f"{order.command[0]} cannot be started: {error}", file=sys.stderr, flush=True)
            return
        finally:
            os.close(order.requests)  # so that the app sees their ends when the host is gone
            os.close(order.events)
            os.close(calling)
        self._host = process.pid
        process.returncode = 0  # it is `_bury_all` that waits for it
        from pi_tui.host.protocol import HostStarted

        self._report(HostStarted(process.pid, os.getpid()))
        if self._post is not None:
            self._lookout = self._post(hearing, self._report)

    def _watch(self) -> None:
        while self._host is not None and not self._host_is_dead and not self._told_to_stop:
            lookout = self._lookout
            if lookout is None or not lookout.at_work:
                self._wait(None, lookout)
            elif lookout.watch(self._listening()):
                self._wait(0.0)
            else:
                self._lookout = None

    def _listening(self) -> list[int]:
        """Where something may come that is not the lookout's."""
        return [self._wakeup] if self._told_to_stop else [self._wakeup, self._control]

    def _wait(self, timeout_s: float | None, lookout: Lookout | None = None) -> None:
        """Sleep until something happens, at most `timeout_s`; hear the app and the lookout, bury the dead."""
        listening = self._listening()
        if lookout is not None:
            listening.append(lookout.descriptor)
        ready, _, _ = select.select(listening, [], [], timeout_s)
        if not ready and not self._told_to_stop:
            return
        if self._wakeup in ready:
            with suppress(BlockingIOError):
                os.read(self._wakeup, 4096)
        if self._control in ready:
            data = os.read(self._control, 65536)
            self._hear(data)
            self._told_to_stop = self._told_to_stop or not data  # its end: the app is gone
        if lookout is not None and lookout.descriptor in ready and not lookout.hear():
            self._lookout = None
        self._bury()

    def _hear(self, data: bytes) -> None:
        *lines, self._heard = (self._heard + data).split(b"\n")
        self._told_to_stop = self._told_to_stop or STOP in lines

    def _bury(self) -> None:
        """Wait for orphans, as the subreaper has to, but not for the host: until the end its number is to stay its own."""
        with suppress(ChildProcessError):
            while (dead := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) is not None:
                if dead.si_pid == self._host:
                    self._host_is_dead = True
                    return
                os.waitpid(dead.si_pid, os.WNOHANG)

    def _bury_all(self) -> bool:
        """Wait for all who are dead: whether anyone below is left, as the system itself knows it."""
        try:
            while (dead := os.waitpid(-1, os.WNOHANG))[0] != 0:
                if dead[0] == self._host:
                    self._host_status = dead[1]
        except ChildProcessError:
            return False
        return True

    def _on_termination(self) -> None:
        self._told_to_stop = True
        print("The observer was asked to terminate from outside.", file=sys.stderr, flush=True)

    def _end(self) -> None:
        self._told_to_stop = True
        order = self._order
        kin = cleanup.Kin(order.run_id, self._host, ancestor=os.getpid())
        ending = cleanup.clean_up(kin, order.temporary, anyone_left=self._bury_all, wait=self._wait, clock=self._clock)
        status = self._host_status
        if self._host is None:
            exit_code = NEVER_STARTED
        elif status is None:  # among the survivors
            exit_code = -signal.SIGKILL
        else:
            exit_code = os.waitstatus_to_exitcode(status)
        from pi_tui.host.protocol import HostEnded

        self._report(HostEnded(exit_code, ending.ended, ending.removed, ending.survivors))

    def _report(self, message: Message) -> None:
        from pi_tui.host.protocol import encode

        with suppress(OSError):  # the app may be gone
            write_whole(self._order.report, encode(message))


def _prepare_roll_call(hearing: int, calling: int) -> None:
    """A pipe that stops nobody, and holds as much as it may: a lost record is a gap in a lane."""
    os.set_blocking(hearing, False)
    os.set_blocking(calling, False)
    with suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(calling, fcntl.F_SETPIPE_SZ, 1 << 20)
