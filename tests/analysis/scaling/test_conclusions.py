"""Sentences about a whole run."""

from __future__ import annotations

from pi_tui.analysis.scaling.conclusions import draw_conclusions
from tests.analysis.analysis_builders import make_case
from tests.analysis.scaling.series_builders import make_sequential, make_timed_result


def test_conclusions_say_what_was_varied_and_nothing_else() -> None:
    baseline = make_sequential(1_000_000)
    assert draw_conclusions([baseline, make_timed_result(make_case(), 1.0, baseline)], 2) == ()
    weak = [make_timed_result(make_case("threads", workers), 1.1, baseline) for workers in (1, 2, 3, 4)]
    found = draw_conclusions([baseline, *weak], 4)
    assert "weak scaling" in found[0]
    assert any(text.startswith("Gustafson's law") and "predictions, not measured" in text for text in found)
    three = draw_conclusions([baseline, *weak[:3]], 4)
    assert any(
        "From three numbers of workers, it predicts nothing; at least four numbers are needed." in text
        for text in three
    )
    assert not any("predictions, not measured" in text or "with 1024" in text for text in three)
    two = draw_conclusions([baseline, *weak[:2]], 4)
    assert any("three or more are needed" in text for text in two)
