"""Waits in slices: a signal is noticed whenever it comes."""

from __future__ import annotations

from itertools import islice

import pytest

from pi_tui.engine.interruptible_wait import NOTICED_S, slices


@pytest.mark.parametrize("timeout_s", [0.0, 0.05, NOTICED_S, 0.25, 3.0])
def test_slices_are_as_long_as_the_wait_and_none_is_long(timeout_s: float) -> None:
    found = list(slices(timeout_s))
    assert sum(found) == pytest.approx(timeout_s)
    assert max(found) <= NOTICED_S


def test_what_is_over_is_looked_at_once() -> None:
    assert list(slices(-1.0)) == [0.0]


def test_without_an_end_there_is_always_another() -> None:
    assert list(islice(slices(), 1000)) == [NOTICED_S] * 1000
