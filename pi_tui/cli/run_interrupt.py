"""Ctrl-C, SIGTERM and a closed terminal during a run: the run stops, and its finished cases are still printed."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")

OUTPUT_TIMEOUT_S = 5.0
"""After an interrupt, printing may take this many seconds: the reader of a pipe may have stopped reading."""


class RunInterrupt:
    """A context in which the first signal calls `stop` in another thread, and the second raises KeyboardInterrupt.

    The handler itself may have interrupted code that holds a lock which `stop` needs, while another thread can wait for that
    lock. Signals that were ignored before (as by nohup) stay ignored.

    Args:
        stop: stops the run.
        output_timeout_s: if printing takes this many seconds after the first signal, a second signal is raised.
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
        """Note that the run is over and printing begins."""
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
