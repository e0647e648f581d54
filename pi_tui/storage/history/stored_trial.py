"""A trial as it is stored: its time at once, its ledgers when they are first used.

A run may have 100 000 trials. Showing it takes the wall of each but the ledgers of few, and unpacking all of them takes ten
times as long as reading the rows.
"""

from __future__ import annotations

from pi_tui.analysis.results import Trial, TrialKind
from pi_tui.engine.errors import LogError
from pi_tui.host.protocol import TrialFacts, WorkerLedger
from pi_tui.storage.history.codec import unpack_as

UNREADABLE = "The stored data of this trial's workers cannot be read."


class StoredTrial(Trial):
    """A `Trial` that unpacks its workers, results and faults on first use, and equals the trial it was stored from.

    If they cannot be unpacked, it keeps its time, has no workers, and says so in its faults.
    """

    __slots__ = ("_body", "_whole")
    _body: bytes
    _whole: Trial | None

    def __init__(self, kind: TrialKind, number: int, started_at: float, wall_s: float, body: bytes) -> None:
        set_field = object.__setattr__  # the dataclass is frozen
        set_field(self, "kind", kind)
        set_field(self, "number", number)
        set_field(self, "started_at", started_at)
        set_field(self, "wall_s", wall_s)
        set_field(self, "_body", body)
        set_field(self, "_whole", None)

    @property
    def whole(self) -> Trial:
        """The trial with all its fields, as a plain `Trial`."""
        if self._whole is None:
            try:
                whole = unpack_as(Trial, self._body)
            except LogError:
                whole = Trial(self.kind, self.number, self.wall_s, self.started_at, (), (), (UNREADABLE,))
            object.__setattr__(self, "_whole", whole)
            return whole
        return self._whole

    @property
    def workers(self) -> tuple[WorkerLedger, ...]:
        """The ledger of each worker."""
        return self.whole.workers

    @property
    def results(self) -> tuple[int | float | None, ...]:
        """What each task returned."""
        return self.whole.results

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong with the ledgers."""
        return self.whole.faults

    @property
    def facts(self) -> TrialFacts:
        """What was measured besides the ledgers."""
        return self.whole.facts

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Trial):
            return NotImplemented
        # cheap fields first: they differ in most cases
        if (self.number, self.wall_s, self.started_at) != (other.number, other.wall_s, other.started_at):
            return False
        return self.whole == (other.whole if isinstance(other, StoredTrial) else other)

    def __reduce__(self) -> tuple[type[StoredTrial], tuple[TrialKind, int, float, float, bytes]]:
        """Pickle the packed form."""
        return StoredTrial, (self.kind, self.number, self.started_at, self.wall_s, self._body)

    def __hash__(self) -> int:
        return hash(self.whole)

    def __repr__(self) -> str:
        return repr(self.whole)
