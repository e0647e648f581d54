from __future__ import annotations

from random import Random

import pytest

from pi_tui.analysis import bootstrap
from pi_tui.analysis.bootstrap import RESAMPLES, resample_medians


class Counted(float):
    """A wall that counts how often it is hashed."""

    hashed = 0

    def __hash__(self) -> int:
        Counted.hashed += 1
        return super().__hash__()


@pytest.mark.parametrize("trials", [5, 5000])
def test_the_cost_of_a_resample_does_not_grow_with_the_trials(trials: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each trial is hashed and sorted a few times in total, not once per resample."""
    drawn = 0

    def counting(values: object, random: Random) -> float:
        nonlocal drawn
        drawn += 1
        return 0.0

    monkeypatch.setattr(bootstrap, "_resample_median", counting)
    monkeypatch.setattr(Counted, "hashed", 0)
    groups = [[Counted(number + place) for number in range(trials)] for place in range(3)]
    assert len(list(resample_medians(groups))) == RESAMPLES
    assert drawn == 3 * RESAMPLES
    assert Counted.hashed <= 2 * 3 * trials


def test_equal_groups_are_drawn_once() -> None:
    baseline, other = [1.0, 2.0, 3.0, 4.0, 5.0], [2.0, 3.0, 4.0, 5.0, 7.0]
    found = list(resample_medians([baseline, other, list(baseline)]))
    assert all(first == third for first, _, third in found)
    assert any(first != second for first, second, _ in found)
