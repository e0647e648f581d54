"""The app's reading thread of one host: messages, the log, and the clean-up if the observer was killed."""

from __future__ import annotations

import queue
import selectors
import signal
import threading
from collections.abc import Callable
from contextlib import suppress

from pi_tui.engine.hosts.host_launch import LaunchedObserver
from pi_tui.engine.hosts.host_pipes import LineBuffer, LineTooLongError, LogTail, RequestWriter, read_available
from pi_tui.engine.hosts.observer_control import ObserverControl
from pi_tui.engine.hosts.run_folder import sweep_abandoned_runs
from pi_tui.host.protocol import HostEnded, HostStarted, Message, ProtocolError, decode
from pi_tui.observe.proc.process_tree import is_alive
from pi_tui.observe.process import cleanup

_SILENCE_S = cleanup.PATIENCE_S + 1.0
"""How long a host may live on after closing a pipe; while a host is being ended, the closing may not be its own doing."""
_LOG_PAUSE_S = 0.01
"""After something was printed, the log rests for so long: a kernel that prints line by line would wake the app for each."""
_FLOOD_BYTES, _FLOOD_PAUSE_S = 128 << 10, 0.002
"""If so much was printed in a pause, the next one is shorter: the pipe holds 1 MB, and who prints must not wait for the app."""
_MAX_READS = 64
"""Chunks read at once from a pipe that may never run dry."""


class HostReader:
    """Reads what a host, its workers and its observer send, in one thread, until all of them are gone.

    The thread first cleans up after apps that were killed together with their observers, so that their leftovers disturb no
    measurement. Then it sends the spec of the host to start. If the observer is killed, the thread cleans up in its place.

    Attributes:
        inbox: the host's messages and the observer's lanes, in the order they came; None after the last.
        log: the end of what the host, its workers and its observer printed.
        host_pid: the host's process id; None until the observer has reported it.
        ended: how the host ended; None until then.
        observer_lost: the observer was killed before it reported the end.
        violation: how the host broke the protocol; empty as long as it has not.
        finished: set when nothing of the host is left and all pipes are closed.
    """

    def __init__(
        self,
        launched: LaunchedObserver,
        control: ObserverControl,
        requests: RequestWriter,
        clock: Callable[[], float],
    ) -> None:
        self.inbox: queue.Queue[Message | None] = queue.Queue()
        self.log = LogTail()
        self.host_pid: int | None = None
        self.ended: HostEnded | None = None
        self.observer_lost = False
        self.violation = ""
        self.finished = threading.Event()
        self._spec = launched.spec
        self._folder = launched.folder
        self._pipes = launched.pipes
        self._control = control
        self._requests = requests
        self._clock = clock
        self._event_lines = LineBuffer()
        self._report_lines = LineBuffer()

    def start(self) -> None:
        """Start the thread."""
        threading.Thread(target=self._run, name=f"host {self._spec.run_id}", daemon=True).start()

    def wait_until_finished(self, violation: str) -> None:
        """Wait for the end of a host that closed a pipe; a host that lives on is ended for that `violation`."""
        if not self.finished.wait(_SILENCE_S):
            self._end_if_alive(violation)
        self.finished.wait()

    def _run(self) -> None:
        try:
            self._sweep()
            self._control.send_spec(self._spec)
            self._listen()
            if self.ended is None:
                self._replace_observer()
            self._drain()
        except Exception as error:  # a thread's boundary: `receive` raises it
            self.violation = self.violation or f"{type(error).__name__}: {error}"
        finally:
            self._requests.close()
            self._control.close()
            self._pipes.close()
            self.log.close()
            self._folder.close()
            self._control.reap(_SILENCE_S)
            self.inbox.put(None)
            self.finished.set()

    def _sweep(self) -> None:
        """Clean up after other apps; an error there is no fault of this host, and the next host tries again."""
        with suppress(Exception):
            sweep_abandoned_runs(self._folder.path.parent, wait=self._control.sleep)

    def _listen(self) -> None:
        """Read until the observer, which ends last, has closed its report."""
        pipes = self._pipes
        with selectors.DefaultSelector() as selector:
            selector.register(pipes.events.reading, selectors.EVENT_READ, self._on_events)
            selector.register(pipes.log.reading, selectors.EVENT_READ)
            selector.register(pipes.report.reading, selectors.EVENT_READ, self._on_report)
            silent_since: float | None = None
            log_due: float | None = None
            while pipes.report.reading in selector.get_map():
                timeout_s = None if silent_since is None else _SILENCE_S
                if log_due is not None:
                    timeout_s = max(0.0, log_due - self._clock())
                ready = selector.select(timeout_s)
                if log_due is not None and self._clock() >= log_due:
                    selector.register(pipes.log.reading, selectors.EVENT_READ)
                    log_due = None
                for key, _ in ready:
                    if key.fd == pipes.log.reading:
                        selector.unregister(key.fd)
                        count = self.log.read_from(key.fd)
                        if count is not None:
                            log_due = self._clock() + (_LOG_PAUSE_S if count < _FLOOD_BYTES else _FLOOD_PAUSE_S)
                        continue
                    data = read_available(key.fd)
                    if data:
                        key.data(data)
                    elif data is not None:
                        selector.unregister(key.fd)
                        if key.fd == pipes.events.reading:
                            silent_since = self._clock()
                if silent_since is not None and self._clock() - silent_since >= _SILENCE_S:
                    self._end_if_alive("it closed its events")

    def _on_events(self, data: bytes) -> None:
        if self.violation:
            return
        self._read_log()  # what was printed before an event is in the log when the event is received
        try:
            for line in self._event_lines.feed(data):
                self.inbox.put(decode(line))
        except (ProtocolError, LineTooLongError) as error:
            self._end(str(error))

    def _on_report(self, data: bytes) -> None:
        for line in self._report_lines.feed(data):
            message = decode(line)
            if isinstance(message, HostStarted):
                self.host_pid = message.pid
            elif isinstance(message, HostEnded):
                self.ended = message
            else:
                self.inbox.put(message)  # the lanes

    def _end_if_alive(self, violation: str) -> None:
        """End a host that lives on without one of its pipes; the end of a dead host is the observer's to report."""
        if self.host_pid is None or is_alive(self.host_pid):
            self._end(violation)
        else:
            self._control.resume()

    def _end(self, violation: str) -> None:
        if not self.violation:
            self.violation = violation
            self._control.request_stop()

    def _replace_observer(self) -> None:
        """Clean up in place of an observer that was killed; its host dies with it."""
        self.observer_lost = True
        self._control.kill()  # it may merely have closed its report
        criteria = cleanup.ProcessCriteria(self._spec.run_id, self.host_pid)
        cleaned = cleanup.clean_up(criteria, str(self._folder.path), children_remain=self._read_log)
        self.ended = HostEnded(-signal.SIGKILL, cleaned.ended, cleaned.removed, cleaned.survivors)

    def _read_log(self) -> bool:
        """Read what is in the log pipe; return whether any process still holds the pipe's other end."""
        for _ in range(_MAX_READS):
            if not (count := self.log.read_from(self._pipes.log.reading)):
                return count is not None
        return True

    def _drain(self) -> None:
        """Read the last events and the end of the log."""
        for _ in range(_MAX_READS):
            data = read_available(self._pipes.events.reading)
            if not data:
                break
            self._on_events(data)
        self._read_log()
