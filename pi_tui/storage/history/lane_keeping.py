"""The lanes of the trial that is under way, kept as they come and packed once it is over, as long as they are not too many."""

from __future__ import annotations

from pi_tui.engine.run.events import LanesMoved
from pi_tui.storage.history.codec import pack

TRIAL_LETTERS = 1_000_000
"""Ticks of all workers of one trial beyond which its lanes are left out: a trial of many minutes."""
RUN_BYTES = 8 << 20
"""Packed lanes of one run beyond which those of its further trials are left out."""


class LaneKeeper:
    """Collects the lanes of one trial after the other. Nothing is made of them while their trial runs."""

    def __init__(self, trial_letters: int = TRIAL_LETTERS, run_bytes: int = RUN_BYTES) -> None:
        self.left_out = 0
        self._most_letters, self._bytes_left = trial_letters, run_bytes
        self._letters = 0
        self._seen: list[tuple[float, LanesMoved]] = []

    def add(self, at_s: float, event: LanesMoved) -> None:
        """Keep what was seen at a moment of the run."""
        self._letters += sum(len(piece.letters) for piece in event.lanes.lanes)
        if self._letters <= self._most_letters:
            self._seen.append((at_s, event))

    def take(self) -> tuple[float, LanesMoved, bytes] | None:
        """What was kept of the trial: when the first came, the last, and all packed; None where there is nothing to keep."""
        seen, letters = self._seen, self._letters
        self._seen, self._letters = [], 0
        if not letters and not seen:
            return None
        packed = b"" if letters > self._most_letters else pack([[at_s, each.lanes] for at_s, each in seen])
        if not packed or len(packed) > self._bytes_left:
            self.left_out += 1
            return None
        self._bytes_left -= len(packed)
        return seen[0][0], seen[-1][1], packed
