"""The app's side of an observer process: its launch spec, the request to stop, and its end."""

from __future__ import annotations

import signal
import subprocess
import threading
from contextlib import suppress

from pi_tui.engine.hosts.host_failures import HostStopped
from pi_tui.engine.hosts.host_pipes import Pipe
from pi_tui.observe.process.launch_spec import STACKS, STOP, LaunchSpec
from pi_tui.observe.process.pipes import write_all


class ObserverControl:
    """An observer process and the control pipe to it. Any method may be called from any thread.

    Attributes:
        pid: the observer's process id.
    """

    def __init__(self, process: subprocess.Popen[bytes], pipe: Pipe) -> None:
        self.pid = process.pid
        self._process = process
        self._pipe = pipe
        self._lock = threading.Lock()
        self._spec_sent = False
        self._stop_requested = threading.Event()

    def send_spec(self, spec: LaunchSpec) -> None:
        """Send the spec of the host to start, and the stop line after it if a stop was requested before."""
        with self._lock:
            self._write(spec.encode())
            self._spec_sent = True
            if self._stop_requested.is_set():
                self._write(STOP + b"\n")

    def request_stop(self) -> None:
        """Ask the observer to end the host and everything that belongs to it."""
        self._stop_requested.set()
        with self._lock:
            if self._spec_sent:  # otherwise `send_spec` sends the stop line
                self._write(STOP + b"\n")
        self.resume()

    def request_stacks(self) -> None:
        """Ask for the stacks of the host and its workers; they come through the log."""
        with self._lock:
            if self._spec_sent:
                self._write(STACKS + b"\n")
        self.resume()

    def resume(self) -> None:
        """Resume the observer in case somebody stopped it (SIGSTOP)."""
        with suppress(OSError):
            self._process.send_signal(signal.SIGCONT)

    def sleep(self, seconds: float) -> None:
        """Sleep until a stop is requested.

        Raises:
            HostStopped: a stop was requested, before or meanwhile.
        """
        if self._stop_requested.wait(seconds):
            raise HostStopped("the host was stopped before it started")

    def kill(self) -> None:
        """Send SIGKILL to the observer."""
        self._process.kill()

    def close(self) -> None:
        """Close the control pipe, which tells the observer that the app is gone."""
        with self._lock:
            self._pipe.close()

    def reap(self, timeout_s: float) -> None:
        """Wait until the observer process has ended, and kill it after `timeout_s` seconds."""
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _write(self, data: bytes) -> None:
        """Write to the control pipe with `_lock` held; an observer that is gone or a closed pipe is no error."""
        with suppress(OSError):
            write_all(self._pipe.writing, data)
