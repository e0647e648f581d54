"""One host process as the app sees it: start it, send and receive messages, stop it, and learn how it ended.

The app starts an observer, and the observer starts the host. `HostReader` reads what both of them send, and `ObserverControl`
tells the observer what to do.
"""

from __future__ import annotations

import os
import queue
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from pi_tui.engine.errors import HostError
from pi_tui.engine.hosts.host_command import HostCommand
from pi_tui.engine.hosts.host_failures import HostCrashed, HostStopped, HostTimeout, describe_end
from pi_tui.engine.hosts.host_launch import LaunchedObserver, launch_observer
from pi_tui.engine.hosts.host_pipes import RequestWriter
from pi_tui.engine.hosts.host_reader import HostReader
from pi_tui.engine.hosts.observer_control import ObserverControl
from pi_tui.engine.hosts.stacks import parse_stacks
from pi_tui.engine.interruptible_wait import slice_wait
from pi_tui.engine.paths import Paths
from pi_tui.host.protocol import HostEnded, Message, Ready, encode
from pi_tui.observe.proc.process_tree import is_stopped
from pi_tui.observe.process import cleanup

START_TIMEOUT_S = 60.0
"""Long enough for a cold disk and a busy machine; a host is usually ready in a tenth of a second."""
_STOP_TIMEOUT_S = 5 * cleanup.PATIENCE_S
"""For the observer's clean-up, which looks a number of times before it gives up, however slow the machine; it usually takes
some hundredths of a second."""
_SHOWN_LOG_LINES = 20
_STACKS_TIMEOUT_S, _STACKS_QUIET_S, _STACKS_POLL_S = 1.5, 0.2, 0.02
"""Stacks are waited for so long in all, and until nothing more came for so long."""


class HostProcess:
    """One host with its observer. Any method may be called from any thread.

    Attributes:
        run_id: marks every process of this host (`PI_TUI_RUN`) and begins the names of its shared memory.
        observer_pid: the observer's process id.
        ready: the host's first message; set by `wait_until_ready`.
    """

    ready: Ready

    def __init__(self, python: str, launched: LaunchedObserver, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Take over an observer; callers use `launch` or `start`."""
        self.run_id = launched.spec.run_id
        self.observer_pid = launched.observer.pid
        self._python = python
        self._stopping = False
        self._control = ObserverControl(launched.observer, launched.pipes.control)
        self._requests = RequestWriter(launched.pipes.requests)
        self._reader = HostReader(launched, self._control, self._requests, clock)
        self._reader.start()

    @classmethod
    def start(
        cls,
        command: HostCommand,
        paths: Paths,
        *,
        environ: Mapping[str, str] = os.environ,
        timeout_s: float = START_TIMEOUT_S,
    ) -> HostProcess:
        """`launch`, then `wait_until_ready`; a host that does not become ready is stopped."""
        host = cls.launch(command, paths, environ=environ)
        try:
            host.wait_until_ready(timeout_s)
        except BaseException:
            host.close()
            raise
        return host

    @classmethod
    def launch(cls, command: HostCommand, paths: Paths, *, environ: Mapping[str, str] = os.environ) -> HostProcess:
        """Start an observer and a host without waiting for them; the host can be stopped from then on.

        Raises:
            HostError: the temporary folder cannot be written, or the system has no processes or descriptors left.
        """
        return cls(command.python, launch_observer(command, paths, environ))

    def wait_until_ready(self, timeout_s: float = START_TIMEOUT_S) -> Ready:
        """Wait for the host's first message.

        Raises:
            HostError: the host ended, sent another message first, or sent nothing in time; with the last lines of its log.
        """
        try:
            first = self.receive(timeout_s)
        except HostCrashed as crash:
            raise HostError(f"{self._python} did not start as a host: {crash}{self._log_suffix()}") from crash
        except HostTimeout:
            raise HostTimeout(f"{self._python} was not ready in {timeout_s:g} s{self._log_suffix()}") from None
        if not isinstance(first, Ready):
            raise HostError(f"{self._python} did not start as a host: its first message was {type(first).__name__}")
        self.ready = first
        return first

    @property
    def pid(self) -> int:
        """The host's process id; 0 until it is known."""
        return self._reader.host_pid or 0

    def send(self, message: Message) -> None:
        """Send a message; blocks only while the host does not read.

        Raises:
            HostCrashed, HostStopped, HostError: as `receive`.
        """
        if not self._requests.write(encode(message)):
            self._reader.wait_until_finished("it closed its requests")
            raise self._make_end_error()

    def receive(self, timeout_s: float | None = None) -> Message:
        """Return the next message of the host, or the lanes its observer saw; messages sent before the end come first.

        Raises:
            HostTimeout: nothing came within `timeout_s`.
            HostStopped: the host was stopped.
            HostCrashed: the host is gone, and nobody stopped it.
            HostError: the host broke the protocol, and was ended for it.
        """
        message = self._take_message(timeout_s)
        if message is None:
            self._reader.inbox.put(None)  # for the next call
            raise self._make_end_error()
        return message

    def _take_message(self, timeout_s: float | None) -> Message | None:
        for slice_s in slice_wait(timeout_s):
            with suppress(queue.Empty):
                return self._reader.inbox.get(timeout=slice_s)
        raise HostTimeout(f"the host sent nothing for {timeout_s:g} s")

    def log_tail(self, since: int = 0) -> str:
        """Return the last 64 KiB of what the host, its workers and its observer printed after the position `since`.

        Everything printed before the latest received message is in it.
        """
        return self._reader.log.read(since)

    def log_position(self) -> int:
        """Return the current end of the log, in bytes since the host's start."""
        return self._reader.log.position()

    def collect_stacks(self) -> tuple[str, ...]:
        """Return where each thread of the host and of its workers stands, one line per thread; see `parse_stacks`."""
        mark = self.log_position()
        self._control.request_stacks()
        size, quiet_s = mark, 0.0
        for _ in range(round(_STACKS_TIMEOUT_S / _STACKS_POLL_S)):
            if self._reader.finished.wait(_STACKS_POLL_S):
                break
            grown, size = self.log_position() != size, self.log_position()
            quiet_s = 0.0 if grown else quiet_s + _STACKS_POLL_S
            if size != mark and quiet_s >= _STACKS_QUIET_S:
                break
        return parse_stacks(self.log_tail(mark))

    def resume_observer(self) -> bool:
        """Resume the observer in case somebody stopped it (SIGSTOP); return whether it was stopped."""
        was_stopped = is_stopped(self.observer_pid)
        self._control.resume()
        return was_stopped

    def stop(self) -> HostEnded | None:
        """End the host and everything it started, and return what had to be done. Repeating it is harmless."""
        finished = self._reader.finished
        if not finished.is_set():
            self._stopping = True
        self._control.request_stop()
        if not finished.wait(_STOP_TIMEOUT_S):
            self._control.kill()  # the reader then cleans up
            finished.wait(_STOP_TIMEOUT_S)
        return self._reader.ended

    def close(self) -> None:
        """Stop the host; afterwards no process, pipe or file of it is left."""
        self.stop()

    def _make_end_error(self) -> HostError:
        """Make the error that tells how the host ended."""
        if self._stopping:
            return HostStopped("the host was stopped")
        if self._reader.violation:
            return HostError(f"the host broke the protocol: {self._reader.violation}{self._log_suffix()}")
        log = "\n".join(self._last_log_lines())
        return HostCrashed(
            describe_end(self._reader.ended, log, observer_lost=self._reader.observer_lost), self._reader.ended
        )

    def _last_log_lines(self) -> list[str]:
        return self.log_tail().rstrip().splitlines()[-_SHOWN_LOG_LINES:]

    def _log_suffix(self) -> str:
        """Return the last lines of the log, ready to follow a sentence; empty if nothing was printed."""
        lines = self._last_log_lines()
        return "\n" + "\n".join(lines) if lines else ""
