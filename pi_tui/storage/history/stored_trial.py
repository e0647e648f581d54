"""A trial as it is stored: when and how long at once, its ledgers when somebody looks at them.

A run may have a hundred thousand trials. To show it takes every wall and few ledgers, and to unpack them all takes ten times as
long as to read the rows.
"""

from __future__ import annotations

from pi_tui.analysis.results import Trial, TrialKind
from pi_tui.engine.errors import LogError
from pi_tui.host.protocol import WorkerLedger
from pi_tui.storage.history.codec import unpack_as

UNREADABLE = "What is stored of this trial's workers cannot be read."


class StoredTrial(Trial):
    """A `Trial` that unpacks its workers, results and faults when they are first asked for, and equals the one it was made of.

    Where they cannot be unpacked, the time is still known: it is then a trial without workers, with a fault that says so.
    """

    __slots__ = ("_body", "_whole")
    _body: bytes
    _whole: Trial | None

    def __init__(self, kind: TrialKind, number: int, started_at: float, wall_s: float, body: bytes) -> None:
        put = object.__setattr__  # the class is frozen
        put(self, "kind", kind)
        put(self, "number", number)
        put(self, "started_at", started_at)
        put(self, "wall_s", wall_s)
        put(self, "_body", body)
        put(self, "_whole", None)

    @property
    def whole(self) -> Trial:
        """The trial with everything, as a plain one."""
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
        """Every worker's ledger."""
        return self.whole.workers

    @property
    def results(self) -> tuple[int | float | None, ...]:
        """What each task returned."""
        return self.whole.results

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong with the ledgers."""
        return self.whole.faults

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Trial):
            return NotImplemented
        # what costs nothing first: most are told apart by it
        if (self.number, self.wall_s, self.started_at) != (other.number, other.wall_s, other.started_at):
            return False
        return self.whole == (other.whole if isinstance(other, StoredTrial) else other)

    def __reduce__(self) -> tuple[type[StoredTrial], tuple[TrialKind, int, float, float, bytes]]:
        """Pickled as it is stored."""
        return StoredTrial, (self.kind, self.number, self.started_at, self.wall_s, self._body)

    def __hash__(self) -> int:
        return hash(self.whole)

    def __repr__(self) -> str:
        return repr(self.whole)
