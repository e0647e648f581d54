"""What the ticks of a program's threads tell besides their totals.

While threads of a process wait for its GIL, whoever runs has it as a rule; if none runs, one of the blocked threads has it. An
event loop waits in its selector; a long absence from there is a time in which nothing else on the loop is served.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from pi_tui.host.protocol import LaneState
from pi_tui.observe.process.sampler import KindTable

BRIDGED_NS = 5_000_000
"""Missed ticks for at most this time are taken to be part of the absence around them; after longer ones, a new one begins."""

_RUNNING, _GIL, _SELECTOR, _NOT_SAMPLED, _BLOCKED = b"R", b"G", b"E", b"-", b"x"
_ROLE_BY_STATE = {
    LaneState.RUNNING: _RUNNING,
    LaneState.GIL: _GIL,
    LaneState.ABSENT: _NOT_SAMPLED,
    LaneState.MISSED: _NOT_SAMPLED,
}
_STINTS = re.compile(_SELECTOR + b"+|[^" + _SELECTOR + b"]+")


class RoleTable:
    """Translates the numbers of a `KindTable` into roles: one letter for running, at the GIL, in the selector, and so on."""

    def __init__(self, kinds: KindTable) -> None:
        self._kinds = kinds
        self._table = b""
        self._length = 0

    def to_roles(self, numbers: bytes | bytearray) -> bytes:
        """Return one letter per tick."""
        if len(self._kinds.kinds) != self._length:
            self._length = len(self._kinds.kinds)
            self._table = b"".join(
                _SELECTOR if kind.selector else _ROLE_BY_STATE.get(kind.state, _BLOCKED) for kind in self._kinds.kinds
            ).ljust(256, _BLOCKED)
        return bytes(numbers.translate(self._table))


@dataclass(slots=True)
class GilContention:
    """The ticks of one thread at which any thread of its process waited for the GIL, since its lane was opened.

    Attributes:
        ticks: those at which the thread was sampled.
        running: those at which it ran.
        stalled: those at which it was sampled and no thread of the process ran: the thread with the GIL was itself blocked.
        blocked: of the stalled ones, those at which it was blocked elsewhere than at the GIL.
        blocked_at: the same by the name of what it was blocked at.
    """

    ticks: int = 0
    running: int = 0
    stalled: int = 0
    blocked: int = 0
    blocked_at: Counter[str] = field(default_factory=Counter)


def count_contention(lanes: Sequence[tuple[GilContention, bytearray]], kinds: KindTable, roles: RoleTable) -> None:
    """Add the ticks of all threads of one process since the last call; every lane has a number for each of these ticks."""
    texts = [roles.to_roles(numbers) for _, numbers in lanes]
    if not any(_GIL in text for text in texts):
        return
    contended = running = 0
    for text in texts:
        contended |= _mask(text, _GIL)
        running |= _mask(text, _RUNNING)
    stalled = contended & ~running
    for (counts, numbers), text in zip(lanes, texts, strict=True):
        sampled = ~_mask(text, _NOT_SAMPLED)
        counts.ticks += (contended & sampled).bit_count()
        counts.running += (contended & _mask(text, _RUNNING)).bit_count()
        counts.stalled += (stalled & sampled).bit_count()
        blocked = stalled & (_mask(text, _BLOCKED) | _mask(text, _SELECTOR))
        if not blocked:
            continue
        counts.blocked += blocked.bit_count()
        for number in set(numbers):
            if kinds.kinds[number].state not in _ROLE_BY_STATE:
                ticks = (blocked & _mask(numbers, bytes((number,)))).bit_count()
                counts.blocked_at[kinds.kinds[number].name] += ticks


def _mask(text: bytes | bytearray, letter: bytes) -> int:
    """Return an integer with a bit for each tick, set where the text has this letter."""
    return int(text.translate(_make_mask_table(letter)), 2) if text else 0


@lru_cache(maxsize=256)
def _make_mask_table(letter: bytes) -> bytes:
    return bytes(ord("1") if bytes((byte,)) == letter else ord("0") for byte in range(256))


@dataclass(slots=True)
class SelectorVisits:
    """How long a thread stayed away from its selector.

    Attributes:
        ticks: those at which it was in its selector.
        returns: how often it came back.
        longest_ns: its longest absence that has ended, or that missed ticks have cut short.
        away_ns: the absence that goes on; 0 while it is in its selector, None as long as it was never there.
    """

    ticks: int = 0
    returns: int = 0
    longest_ns: int = 0
    away_ns: int | None = None

    def add(self, text: bytes, period_ns: int) -> None:
        """Add the roles of the next ticks."""
        if self.away_ns is None and _SELECTOR not in text:
            return
        for stint in _STINTS.findall(text):
            if stint.startswith(_SELECTOR):
                if self.away_ns:
                    self.longest_ns = max(self.longest_ns, self.away_ns)
                    self.returns += 1
                self.away_ns = 0
                self.ticks += len(stint)
            elif self.away_ns is not None:
                self._add_absence(stint, period_ns)

    def _add_absence(self, stint: bytes, period_ns: int) -> None:
        if not self.away_ns and not stint.strip(_NOT_SAMPLED):  # it was not sampled, and may not have left
            return
        for place, part in enumerate(re.split(b"%s{%d,}" % (_NOT_SAMPLED, BRIDGED_NS // period_ns + 1), stint)):
            if place > 0:
                self.longest_ns = max(self.longest_ns, self.away_ns or 0)
                self.away_ns = 0
            self.away_ns = (self.away_ns or 0) + len(part) * period_ns
