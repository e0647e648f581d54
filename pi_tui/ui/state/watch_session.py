"""One watch of a program: the messages of the watcher, whether it is over, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pi_tui.analysis.watch.watch_record import WatchRecord
from pi_tui.engine.errors import PiTuiError
from pi_tui.host.watch_protocol import NotStarted, Sighting, WatchEnded, WatchMessage


class WatchPort(Protocol):
    """The connection to a watcher; `engine.watch_client` has the real one."""

    def hear(self, timeout_s: float) -> list[WatchMessage]:
        """Return the messages that arrived; wait for the first at most `timeout_s` seconds."""

    def stop(self) -> None:
        """Ask the watcher to end; a second call does not wait for it."""

    def close(self) -> None:
        """End the watcher and release everything; may be called twice."""


@dataclass(frozen=True)
class WatchRequest:
    """What is watched, and how.

    Attributes:
        title: the command line.
        pid: the process, where it was running already.
        output_path: the file with the program's output; None where it is not captured.
        duration_s: how long to watch; None until the program ends.
        stay: the screen stays open after the program has ended by itself.
        forget: releases the program's output when the watch is closed.
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
        failed: the error of the watcher; None without one.
        expired: its duration is over.

    Args:
        watch: the connection to the watcher.
        request: what is watched.
        clock: seconds, never going back.
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
        """Read the watcher's messages; return whether threads were seen."""
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
        """Whether the watch is over and stays on the screen."""
        return self.request.stay and self.ended is not None and self.ended.why != "stopped"

    def stop(self) -> None:
        """Stop watching, and end the program if it was started; a second call does not wait for it."""
        self._watch.stop()

    def close(self) -> None:
        """Close the watch and release the program's output."""
        self._watch.close()
        if self.request.forget is not None:
            self.request.forget()
