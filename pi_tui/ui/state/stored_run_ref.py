"""Where rows come from that were not measured since the app was opened."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """A stored run.

    Attributes:
        run_id: its number in the history.
        when: its day and time, as a person here reads it: "2026-01-02 03:04".
        usable_cores: of the machine it was measured on; it limits the ideal.
        replay: its events are played again as they came.
    """

    run_id: int
    when: str
    usable_cores: int
    replay: bool = False

    @property
    def words(self) -> str:
        """Which run it is, in a few words."""
        return f"{'replay of ' if self.replay else ''}run {self.run_id} of {self.when}"
