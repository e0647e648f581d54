"""Ctrl-C, SIGTERM and a closed terminal during a run: the run is stopped, and what is finished is still told."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


class Interruption:
    """While it is entered, the first signal calls `stop`, from a thread; a second one raises KeyboardInterrupt.

    A signal handler may interrupt code that holds a lock which `stop` needs; a thread of its own may wait for it. Signals
    that were ignored before (as under nohup) stay so.
    """

    def __init__(self, stop: Callable[[], None]) -> None:
        self.requested = False
        self._stop = stop
        self._wanted = threading.Event()
        self._over = False
        self._before: dict[int, object] = {}
        self._thread = threading.Thread(target=self._wait, name="interruption", daemon=True)

    def __enter__(self) -> Interruption:
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
        self._wanted.set()
        self._thread.join()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True
        self._wanted.set()

    def _wait(self) -> None:
        self._wanted.wait()
        if not self._over:
            self._stop()
