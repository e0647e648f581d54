"""Ctrl-C, SIGTERM and a closed terminal during a run: the run is stopped, and what is finished is still told."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")

OUTPUT_TIMEOUT_S = 5.0
"""So long a person who wants the end waits for somebody who takes the results: a pipe may have a reader that does not read."""


class RunInterrupt:
    """While it is entered, the first signal calls `stop`, from a thread; a second one raises KeyboardInterrupt.

    A signal handler may interrupt code that holds a lock which `stop` needs; a thread of its own may wait for it. Signals
    that were ignored before (as under nohup) stay so.

    Args:
        stop: ends what runs.
        output_timeout_s: after so many seconds of output the first signal is followed by a second one.
    """

    def __init__(self, stop: Callable[[], None], output_timeout_s: float = OUTPUT_TIMEOUT_S) -> None:
        self.requested = False
        self._stop = stop
        self._wanted = threading.Event()
        self._output_timeout_s = output_timeout_s
        self._number = 0
        self._output_begun = threading.Event()
        self._left = threading.Event()
        self._over = False
        self._before: dict[int, object] = {}
        self._thread = threading.Thread(target=self._wait, name="interruption", daemon=True)

    def __enter__(self) -> RunInterrupt:
        self._thread.start()
        for name in _SIGNALS:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what signal.signal itself returned
        self._over = not self.requested
        for event in (self._left, self._output_begun, self._wanted):
            event.set()
        self._thread.join()

    def begin_output(self) -> None:
        """The run is over; what follows is only told."""
        self._output_begun.set()

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True
        self._number = number
        self._wanted.set()

    def _wait(self) -> None:
        self._wanted.wait()
        if self._over:
            return
        self._stop()
        self._output_begun.wait()
        if not self._left.wait(self._output_timeout_s):
            signal.pthread_kill(threading.main_thread().ident or 0, self._number)
