"""How a watch on the screen goes: what was heard, whether it is over, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pi_tui.analysis.watch.watch_record import WatchRecord
from pi_tui.engine.errors import PiTuiError
from pi_tui.host.watch_protocol import NotStarted, Sighting, WatchEnded, WatchMessage


class WatchPort(Protocol):
    """What the screen needs of a watch; `engine.watch.Watch` is one."""

    def hear(self, timeout_s: float) -> list[WatchMessage]:
        """What was said."""

    def stop(self) -> None:
        """End it; at the second call at once."""

    def close(self) -> None:
        """Leave nothing behind; harmless when repeated."""


@dataclass(frozen=True)
class WatchRequest:
    """What is watched: the command line, the process where it ran already, where its output lies, for how long.

    `stay`: a program that has ended by itself stays on the screen. `forget` lets go of what was kept, when the watch is closed.
    """

    title: str
    pid: int | None
    output_path: Path | None
    duration_s: float | None = None
    stay: bool = False
    forget: Callable[[], None] | None = None


class WatchSession:
    """One watch from its beginning to its end.

    Attributes:
        record: everything that was seen.
        ended: how it ended; None before.
        refused: why the command could not be started; empty otherwise.
        failed: what became of the watcher, where something did.
        expired: its time was up.

    Args:
        watch: who sees.
        request: what is watched.
        clock: seconds.
    """

    def __init__(self, watch: WatchPort, request: WatchRequest, clock: Callable[[], float]) -> None:
        self.request = request
        self.record = WatchRecord()
        self.ended: WatchEnded | None = None
        self.refused = ""
        self.failed: PiTuiError | None = None
        self.expired = False
        self._watch = watch
        self._clock = clock
        self._began_s = clock()

    def listen(self) -> bool:
        """Take in what the watcher said; whether something was seen."""
        try:
            messages = self._watch.hear(0.0)
        except PiTuiError as error:
            self.failed = error
            return False
        seen = False
        for message in messages:
            if isinstance(message, Sighting):
                self.record.add(message)
                seen = True
            elif isinstance(message, NotStarted):
                self.refused = message.why
            elif isinstance(message, WatchEnded):
                self.ended = message
        late = self.request.duration_s is not None and self._clock() - self._began_s >= self.request.duration_s
        if late and not self.expired:
            self.expired = True
            self._watch.stop()
        return seen

    @property
    def over(self) -> bool:
        """Whether nothing more will be seen."""
        return self.ended is not None or self.failed is not None or bool(self.refused)

    @property
    def stays(self) -> bool:
        """Whether it is over and may be looked at nevertheless."""
        return self.request.stay and self.ended is not None and self.ended.why != "stopped"

    def stop(self) -> None:
        """Stop watching, and end what was started; a second time without waiting for it."""
        self._watch.stop()

    def close(self) -> None:
        """Leave nothing behind."""
        self._watch.close()
        if self.request.forget is not None:
            self.request.forget()
