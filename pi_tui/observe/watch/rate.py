"""How often a watcher looks: as often as a small share of a core allows, for however many threads there are."""

from __future__ import annotations

from pi_tui.observe.process.sampling_rate import SHARE_OF_A_CORE

PERIODS_NS = tuple(1_000_000 << step for step in range(9))
"""From a thousand looks a second to four; each twice the one before, so that lanes of two periods can be joined."""

_WAKING_NS, _LOOK_NS = 45_000, 3_000
"""What a tick and a look at a thread cost about, on a virtual machine: a first guess, until it was measured."""

_TOLERANCE = 1.2
"""Of the budget: what is a little beyond it may be the machine's own noise."""

_SPARE = 0.45
"""Only below this share of the budget is a rate doubled: twice as many looks cost at most twice as much."""

_FAR_BEYOND = 3.0


class Rate:
    """Chooses the period of the ticks; `budget` is the share of a core that looking may cost."""

    def __init__(self, budget: float = SHARE_OF_A_CORE) -> None:
        self.budget = budget
        self.period_ns = PERIODS_NS[0]
        self._threads = 0

    def expect(self, threads: int) -> None:
        """So many threads are looked at from now on. Where they became many more at once, a guess goes before the measure."""
        if threads > 2 * self._threads:
            cost_ns = _WAKING_NS + threads * _LOOK_NS
            guess = next((period for period in PERIODS_NS if cost_ns <= self.budget * period), PERIODS_NS[-1])
            self.period_ns = max(self.period_ns, guess)
            self._threads = threads
        elif threads < self._threads // 2:
            self._threads = threads

    def measured(self, cost: float) -> None:
        """The watcher took this share of a core in the last second or so."""
        place = PERIODS_NS.index(self.period_ns)
        if cost > _TOLERANCE * self.budget:
            place += 2 if cost > _FAR_BEYOND * self.budget else 1
        elif cost < _SPARE * self.budget:
            place -= 1
        self.period_ns = PERIODS_NS[min(max(0, place), len(PERIODS_NS) - 1)]
