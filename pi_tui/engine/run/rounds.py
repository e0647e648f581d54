"""Decide how many rounds of trials a run has: as many as requested, or until the medians are precise or the time is up."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from pi_tui.analysis.advice.stability import relative_half_width
from pi_tui.analysis.bootstrap import MIN_TRIALS
from pi_tui.analysis.results import Trial, TrialKind
from pi_tui.engine.run.request import RunRequest

Round = tuple[int, TrialKind]

MAX_ROUNDS = 10_000
"""No case is repeated more often than this until it is stable."""


def number_rounds(warmup: int, repeat: int) -> Iterator[Round]:
    """Yield the rounds of a run, numbered from 0: every case has one trial in each, so that a drift affects all alike."""
    for number in range(warmup + repeat):
        yield number, "warmup" if number < warmup else "measured"


class RoundSchedule:
    """The rounds of one request.

    Args:
        elapsed_s: returns the seconds since the run started.
    """

    def __init__(self, request: RunRequest, elapsed_s: Callable[[], float]) -> None:
        self._request = request
        self._elapsed_s = elapsed_s

    def __iter__(self) -> Iterator[Round]:
        """Yield all possible rounds; the caller stops when no case needs another.

        The warm-ups and one measured round always run; no other round starts when the time is up.
        """
        asked = self._request
        most = asked.repeat if asked.until_stable is None else max(asked.repeat, MAX_ROUNDS)
        for number, kind in number_rounds(asked.warmup, most):
            if number > asked.warmup and self.time_is_up:
                return
            yield number, kind

    @property
    def time_is_up(self) -> bool:
        """Whether no further round may start."""
        time_limit_s = self._request.time_limit_s
        return time_limit_s is not None and self._elapsed_s() >= time_limit_s

    def count_remaining(self, trials: Sequence[Trial]) -> int:
        """Count the trials that a case still needs after these; an estimate with `until_stable`.

        The estimate follows from an interval's width, which shrinks with the square root of the number of trials.
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
        """Cap the estimated seconds left at the time limit."""
        time_limit_s = self._request.time_limit_s
        return guess_s if time_limit_s is None else min(guess_s, max(0.0, time_limit_s - self._elapsed_s()))
