"""Waits in slices, so that a signal is noticed whenever it comes."""

from __future__ import annotations

from itertools import islice

import pytest

from pi_tui.engine.interruptible_wait import SLICE_S, slice_wait


@pytest.mark.parametrize("timeout_s", [0.0, 0.05, SLICE_S, 0.25, 3.0])
def test_slices_are_as_long_as_the_wait_and_none_is_long(timeout_s: float) -> None:
    found = list(slice_wait(timeout_s))
    assert sum(found) == pytest.approx(timeout_s)
    assert max(found) <= SLICE_S


def test_an_expired_wait_has_one_empty_slice() -> None:
    assert list(slice_wait(-1.0)) == [0.0]


def test_without_an_end_there_is_always_another() -> None:
    assert list(islice(slice_wait(), 1000)) == [SLICE_S] * 1000
