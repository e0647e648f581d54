"""Which events make earlier ones superfluous."""

from __future__ import annotations

from pi_tui.ui.state.event_reducer import is_superseded
from tests.ui.rows import case, events_of


def test_no_event_supersedes_one_of_another_case_or_an_end() -> None:
    a, b = events_of(case("python")), events_of(case("numba"))
    assert is_superseded(a[1], a[2])
    assert is_superseded(a[2], a[5])
    assert not is_superseded(a[1], b[2])
    assert not is_superseded(a[5], a[6])
    assert not is_superseded(a[0], a[1])
