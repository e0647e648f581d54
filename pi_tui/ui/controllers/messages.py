"""The messages that the thread of a run posts to the app."""

from __future__ import annotations

from textual.message import Message


class EventsWaiting(Message):
    """Events are queued."""

    def can_replace(self, message: Message) -> bool:
        """Return whether a later message makes this one superfluous."""
        return isinstance(message, EventsWaiting)


class RunEnded(Message):
    """The thread of a run has ended; `error` says why, where the run itself did not end."""

    def __init__(self, error: str = "") -> None:
        super().__init__()
        self.error = error


class NotRecorded(Message):
    """A run is not recorded; `sentence` says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence
