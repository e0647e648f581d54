"""The app's hold on one host process: start it, send and receive messages, stop it, and know how it ended.

The app starts an observer, and the observer the host. One thread of the app first tidies up after apps that could not do it
themselves, so that what they left disturbs no measurement, and then gives the order. It reads what comes from both, and ends
when both are gone; should the observer be killed, that thread does the observer's cleaning.
"""

from __future__ import annotations

import os
import queue
import select
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from pi_tui.engine.errors import HostError
from pi_tui.engine.hosts.host_command import HostCommand
from pi_tui.engine.hosts.host_failures import HostCrashed, HostStopped, HostTimeout, what_happened
from pi_tui.engine.hosts.host_launch import Launched, launch
from pi_tui.engine.hosts.host_pipes import LineError, Lines, LogTail, read_at_hand
from pi_tui.engine.hosts.run_folder import sweep
from pi_tui.engine.interruptible_wait import slices
from pi_tui.engine.paths import Paths
from pi_tui.host.protocol import HostEnded, HostStarted, Message, ProtocolError, Ready, decode, encode
from pi_tui.observe.proc.process_tree import is_alive
from pi_tui.observe.process import cleanup
from pi_tui.observe.process.launch_spec import STOP
from pi_tui.observe.process.pipes import write_all

__all__ = ["HostCommand", "HostCrashed", "HostProcess", "HostStopped", "HostTimeout"]

START_TIMEOUT_S = 60.0
"""A cold disk and a busy machine included; a host is up in a tenth of a second as a rule."""
_STOP_PATIENCE_S = 5 * cleanup.PATIENCE_S
"""For the observer's own cleaning, which gives nobody up before it has looked a number of times, however slow the machine;
as a rule it takes some hundredths of a second."""
_SILENCE_S = cleanup.PATIENCE_S + 1.0
"""How long a host may live on after it closed a pipe; while it is being ended it need not have been its own doing."""
_LOOK_MS = 100
_DRAINED = 64
_SHOWN_LINES = 20


class HostProcess:
    """One host with its observer. Any method may be called from any thread.

    Attributes:
        run_id: marks every process of this host (`PI_TUI_RUN`) and begins the names of its shared memory.
        observer_pid: the observer's process id.
        ready: the host's first word; set by `wait_until_ready`.
    """

    ready: Ready

    def __init__(self, python: str, launched: Launched, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Use `launch` or `start`."""
        self.run_id = launched.spec.run_id
        self.observer_pid = launched.observer.pid
        self._python = python
        self._spec = launched.spec
        self._folder = launched.folder
        self._observer = launched.observer
        self._pipes = launched.pipes
        self._clock = clock
        self._inbox: queue.Queue[Message | None] = queue.Queue()
        self._event_lines = Lines()
        self._report_lines = Lines()
        self._log = LogTail()
        self._host_pid: int | None = None
        self._ended: HostEnded | None = None
        self._observer_lost = False
        self._broken = ""
        self._stopping = False
        self._over = False
        self._finished = threading.Event()
        self._sending = threading.Lock()
        self._controlling = threading.Lock()
        self._spec_sent = False
        self._hurried = threading.Event()
        threading.Thread(target=self._read, name=f"host {self.run_id}", daemon=True).start()

    # ---- starting

    @classmethod
    def start(
        cls,
        command: HostCommand,
        paths: Paths,
        *,
        environ: Mapping[str, str] = os.environ,
        timeout_s: float = START_TIMEOUT_S,
    ) -> HostProcess:
        """`launch`, then `wait_until_ready`; what does not come up is stopped."""
        host = cls.launch(command, paths, environ=environ)
        try:
            host.wait_until_ready(timeout_s)
        except BaseException:
            host.close()
            raise
        return host

    @classmethod
    def launch(cls, command: HostCommand, paths: Paths, *, environ: Mapping[str, str] = os.environ) -> HostProcess:
        """Start observer and host, and do not wait: it can be stopped from now on.

        Raises:
            HostError: the cache or temporary folder cannot be written, or there are no processes or descriptors to be had.
        """
        return cls(command.python, launch(command, paths, environ))

    def wait_until_ready(self, timeout_s: float = START_TIMEOUT_S) -> Ready:
        """The host's first word.

        Raises:
            HostError: it ended, said something else first, or said nothing in time; with the last lines of its log.
        """
        try:
            first = self.receive(timeout_s)
        except HostCrashed as crash:
            raise HostError(f"{self._python} did not become a host: {crash}{self._last_words()}") from crash
        except HostTimeout:
            raise HostTimeout(f"{self._python} was not ready in {timeout_s:g} s{self._last_words()}") from None
        if not isinstance(first, Ready):
            raise HostError(f"{self._python} did not become a host: it began with {type(first).__name__}")
        self.ready = first
        return first

    # ---- talking

    @property
    def pid(self) -> int:
        """The host's process id; 0 as long as it is not known."""
        return self._host_pid or 0

    def send(self, message: Message) -> None:
        """Send a message; blocks only while the host does not read.

        Raises:
            HostCrashed, HostStopped, HostError: as `receive`.
        """
        with self._sending:
            sent = not self._over and self._write(encode(message))
        if not sent:
            if not self._finished.wait(_SILENCE_S):
                self._end_if_it_lives("it closed its requests")
            self._finished.wait()
            raise self._why()

    def receive(self, timeout_s: float | None = None) -> Message:
        """The next message of the host, or the lanes that its observer saw; those sent before it ended come first.

        Raises:
            HostTimeout: nothing came within `timeout_s`.
            HostStopped: it was stopped.
            HostCrashed: it is gone otherwise.
            HostError: it broke the protocol, and was stopped.
        """
        message = self._next(timeout_s)
        if message is None:
            self._inbox.put(None)  # for whoever asks next
            raise self._why()
        return message

    def _next(self, timeout_s: float | None) -> Message | None:
        for slice_s in slices(timeout_s):
            with suppress(queue.Empty):
                return self._inbox.get(timeout=slice_s)
        raise HostTimeout(f"the host said nothing for {timeout_s:g} s")

    def log_tail(self, since: int = 0) -> str:
        """The last 64 KiB of what the host, its workers and its observer printed, or as much as came after a mark.

        It has all that was printed before the latest message that was received.
        """
        return self._log.text(since)

    def log_mark(self) -> int:
        """Where the log has come to, for what is printed from now on."""
        return self._log.mark()

    # ---- ending

    def stop(self) -> HostEnded | None:
        """End the host and all it started, whatever it does; what had to be done. Harmless when repeated."""
        if not self._finished.is_set():
            self._stopping = True
        self._ask_to_stop()
        if not self._finished.wait(_STOP_PATIENCE_S):
            self._observer.kill()  # the reader then does its work
            self._finished.wait(_STOP_PATIENCE_S)
        return self._ended

    def close(self) -> None:
        """The same; nothing of it is left open."""
        self.stop()

    def _ask_to_stop(self) -> None:
        self._hurried.set()
        with self._controlling:
            if self._spec_sent:  # else it follows the order
                self._control(STOP + b"\n")
        self._wake_observer()

    def _wake_observer(self) -> None:
        with suppress(OSError):
            self._observer.send_signal(signal.SIGCONT)  # should someone have halted it

    def _write(self, data: bytes) -> bool:
        """Whether all of it was taken; it is not once no one reads any more."""
        descriptor = self._pipes.requests.writing
        room = select.poll()
        room.register(descriptor, select.POLLOUT)
        left = memoryview(data)
        while left and not self._over:
            try:
                left = left[os.write(descriptor, left) :]
            except BlockingIOError:
                room.poll(_LOOK_MS)
            except OSError:
                break
        return not left

    def _control(self, data: bytes) -> None:
        """Tell the observer something; `_controlling` is held."""
        with suppress(OSError):
            if not self._over:
                write_all(self._pipes.control.writing, data)

    def _end_if_it_lives(self, how: str) -> None:
        """End a host that goes on without one of its pipes. Of one that is dead the observer will tell, once it comes to it."""
        if self._host_pid is None or is_alive(self._host_pid):
            self._break(how)
        else:
            self._wake_observer()

    def _break(self, how: str) -> None:
        if not self._broken:
            self._broken = how
            self._ask_to_stop()

    def _why(self) -> HostError:
        """How it ended, as the error to raise."""
        if self._stopping:
            return HostStopped("the host was stopped")
        if self._broken:
            return HostError(f"the host broke the protocol: {self._broken}{self._last_words()}")
        failure = what_happened(self._ended, "\n".join(self._log_lines()), observer_lost=self._observer_lost)
        return HostCrashed(failure, self._ended)

    def _log_lines(self) -> list[str]:
        return self.log_tail().rstrip().splitlines()[-_SHOWN_LINES:]

    def _last_words(self) -> str:
        lines = self._log_lines()
        return "\n" + "\n".join(lines) if lines else ""

    # ---- the reading thread

    def _sweep(self) -> None:
        """Tidy up after others; whatever goes wrong with that is no fault of this host, and left to the next."""
        with suppress(Exception):
            sweep(self._folder.path.parent, wait=self._wait)

    def _read(self) -> None:
        try:
            self._sweep()
            self._send_spec()
            self._listen()
            if self._ended is None:
                self._stand_in_for_observer()
            self._drain()
        except Exception as error:  # a thread's boundary: whoever receives next is told
            self._broken = self._broken or f"{type(error).__name__}: {error}"
        finally:
            self._over = True
            with self._sending, self._controlling:
                self._pipes.close()
            self._folder.close()
            self._bury_observer()
            self._inbox.put(None)
            self._finished.set()

    def _wait(self, seconds: float) -> None:
        if self._hurried.wait(seconds):
            raise HostStopped("the host was stopped before it began")

    def _send_spec(self) -> None:
        with self._controlling:
            self._control(self._spec.encode())
            self._spec_sent = True
            if self._hurried.is_set():
                self._control(STOP + b"\n")

    def _listen(self) -> None:
        """Until the observer is gone, which goes last."""
        pipes = self._pipes
        with selectors.DefaultSelector() as selector:
            selector.register(pipes.events.reading, selectors.EVENT_READ, self._on_events)
            selector.register(pipes.log.reading, selectors.EVENT_READ, self._log.add)
            selector.register(pipes.report.reading, selectors.EVENT_READ, self._on_report)
            silent_since: float | None = None
            while pipes.report.reading in selector.get_map():
                for key, _ in selector.select(None if silent_since is None else _SILENCE_S):
                    data = read_at_hand(key.fd)
                    if data:
                        key.data(data)
                    elif data is not None:
                        selector.unregister(key.fd)
                        if key.fd == pipes.events.reading:
                            silent_since = self._clock()
                if silent_since is not None and self._clock() - silent_since >= _SILENCE_S:
                    self._end_if_it_lives("it closed its events")

    def _on_events(self, data: bytes) -> None:
        if self._broken:
            return
        self._log_is_open()  # what was printed before is there when the event is
        try:
            for line in self._event_lines.feed(data):
                self._inbox.put(decode(line))
        except (ProtocolError, LineError) as error:
            self._break(str(error))

    def _on_report(self, data: bytes) -> None:
        for line in self._report_lines.feed(data):
            message = decode(line)
            if isinstance(message, HostStarted):
                self._host_pid = message.pid
            elif isinstance(message, HostEnded):
                self._ended = message
            else:
                self._inbox.put(message)  # the lanes

    def _stand_in_for_observer(self) -> None:
        """The observer was killed, and the host dies with it: what is left is the app's to clean up."""
        self._observer_lost = True
        self._observer.kill()  # it may merely have closed its report
        criteria = cleanup.ProcessCriteria(self.run_id, self._host_pid)
        cleaned = cleanup.clean_up(criteria, str(self._folder.path), children_remain=self._log_is_open)
        self._ended = HostEnded(-signal.SIGKILL, cleaned.ended, cleaned.removed, cleaned.survivors)

    def _log_is_open(self) -> bool:
        """Read what is in the log; whether anyone holds its other end, as whoever the host started does at first."""
        for _ in range(_DRAINED):
            data = read_at_hand(self._pipes.log.reading)
            if not data:
                return data is None
            self._log.add(data)
        return True

    def _drain(self) -> None:
        """What was said and printed last."""
        for descriptor, take in (
            (self._pipes.events.reading, self._on_events),
            (self._pipes.log.reading, self._log.add),
        ):
            for _ in range(_DRAINED):
                data = read_at_hand(descriptor)
                if not data:
                    break
                take(data)

    def _bury_observer(self) -> None:
        try:
            self._observer.wait(_SILENCE_S)
        except subprocess.TimeoutExpired:
            self._observer.kill()
            self._observer.wait()
