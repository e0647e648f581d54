"""What the thread of a run tells the screen."""

from __future__ import annotations

from textual.message import Message


class EventsWaiting(Message):
    """Events lie in the inbox. One such message is as good as many."""

    def can_replace(self, message: Message) -> bool:
        """Any later one of the kind says the same."""
        return isinstance(message, EventsWaiting)


class RunEnded(Message):
    """The thread of a run is done; `error` says why, where it was not the run's own end."""

    def __init__(self, error: str = "") -> None:
        super().__init__()
        self.error = error


class NotRecorded(Message):
    """Something keeps a run from being recorded; `sentence` says what."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence
