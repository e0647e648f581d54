"""How many rounds of trials a run has: as many as were asked, or until the medians are sure enough or the time is up."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from pi_tui.analysis.advice.stability import relative_half_width
from pi_tui.analysis.bootstrap import MIN_TRIALS
from pi_tui.analysis.results import Trial, TrialKind
from pi_tui.engine.run.request import RunRequest

Round = tuple[int, TrialKind]

MAX_ROUNDS = 10_000
"""No case is repeated more often than this for the sake of its interval."""


def number_rounds(warmup: int, repeat: int) -> Iterator[Round]:
    """The rounds of a run, numbered from 0: every case has one trial in each, so that a drift hits all alike."""
    for number in range(warmup + repeat):
        yield number, "warmup" if number < warmup else "measured"


class RoundSchedule:
    """The rounds of one request.

    Args:
        elapsed_s: seconds since the run began.
    """

    def __init__(self, request: RunRequest, elapsed_s: Callable[[], float]) -> None:
        self._request = request
        self._elapsed_s = elapsed_s

    def __iter__(self) -> Iterator[Round]:
        """All rounds that may be; whoever runs them leaves when no case needs another.

        The warm-ups and one measured round are always among them; none of the others begins when the time is up.
        """
        asked = self._request
        most = asked.repeat if asked.until_stable is None else max(asked.repeat, MAX_ROUNDS)
        for number, kind in number_rounds(asked.warmup, most):
            if number > asked.warmup and self.time_is_up:
                return
            yield number, kind

    @property
    def time_is_up(self) -> bool:
        """Whether no further round may begin."""
        time_limit_s = self._request.time_limit_s
        return time_limit_s is not None and self._elapsed_s() >= time_limit_s

    def count_remaining(self, trials: Sequence[Trial]) -> int:
        """Trials that a case with these still needs: a guess while they are repeated until they are stable.

        An interval narrows with the square root of the number of trials.
        """
        asked = self._request
        walls = [trial.wall_s for trial in trials if trial.kind == "measured"]
        warmups = max(0, asked.warmup - (len(trials) - len(walls)))
        if asked.until_stable is None:
            return warmups + asked.repeat - len(walls)
        fewest = max(asked.repeat, MIN_TRIALS)
        if len(walls) < fewest:
            return warmups + fewest - len(walls)
        wide = relative_half_width(walls)
        if wide is None or wide <= asked.until_stable or len(walls) >= MAX_ROUNDS:
            return 0
        return max(1, min(MAX_ROUNDS, math.ceil(len(walls) * (wide / asked.until_stable) ** 2)) - len(walls))

    def cap_remaining_s(self, guess_s: float) -> float:
        """Seconds left, by a guess of what the trials need, and never more than the time there is."""
        time_limit_s = self._request.time_limit_s
        return guess_s if time_limit_s is None else min(guess_s, max(0.0, time_limit_s - self._elapsed_s()))
