from __future__ import annotations

from dataclasses import replace

import pytest

from pi_tui.analysis.text import formatting
from pi_tui.storage.run_record import RunRecord


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (7.214, "7.21 s "),
        (120.4, " 120 s "),
        (0.99999, "1.00 s "),
        (0.134, " 134 ms"),
        (0.01234, "12.3 ms"),
        (3.4e-4, " 340 µs"),
        (5e-8, "50.0 ns"),
        (0.0, "0.00 s "),
    ],
)
def test_durations_stand_in_seven_cells(seconds: float, text: str) -> None:
    assert formatting.duration(seconds) == text


def test_a_spread_has_the_unit_and_decimals_of_its_duration() -> None:
    assert formatting.spread_text(7.214, 0.04) == "±0.04"
    assert formatting.spread_text(0.134, 0.004) == "±4"
    assert formatting.spread_text(0.01234, 0.0001) == "±0.1"


@pytest.mark.parametrize(
    ("value", "text"), [(7.214, "7.21"), (0.1344, "0.134"), (12.34, "12.3"), (1234.0, "1234"), (0.0, "0.00")]
)
def test_three_figures(value: float, text: str) -> None:
    assert formatting.three(value) == text


@pytest.mark.parametrize(
    ("speedup", "text"), [(0.984, "0.98×"), (9.994, "9.99×"), (9.996, "10.0×"), (99.96, "100×"), (128.4, "128×")]
)
def test_speed_ups_have_three_figures(speedup: float, text: str) -> None:
    assert formatting.speedup_text(speedup) == text


@pytest.mark.parametrize(
    ("seconds", "span", "countdown"),
    [
        (0.0042, "4 ms", "0 s"),
        (1.21, "1.2 s", "1 s"),
        (38.2, "38 s", "38 s"),
        (245, "4 min", "4:05"),
        (3723, "1 h 02 min", "1:02:03"),
        (400_000, "5 days", "111:06:40"),
    ],
)
def test_lengths_of_time(seconds: float, span: str, countdown: str) -> None:
    assert formatting.span(seconds) == span
    assert formatting.countdown(seconds) == countdown


def test_counts_and_shares() -> None:
    assert formatting.human_count(1_234_567, " ") == "1 234 567"
    assert formatting.plural(1, "repeat") == "1 repeat"
    assert formatting.plural(3, "repeat") == "3 repeats"
    assert formatting.share_text(0.484) == "48%"
    assert formatting.share_text(-0.001) == "0%"
    assert formatting.share_text(0.484, " ") == "48 %"


def test_the_waiting_share_covers_all_workers_time(run_record: RunRecord) -> None:
    baseline, threads = run_record.results[:2]
    first = threads.measured_trials[0]
    share = sum(worker.waiting_s for worker in first.workers) / (first.wall_s * len(first.workers))
    assert formatting.waiting_share(replace(threads, trials=threads.measured_trials[:1])) == pytest.approx(share)
    assert formatting.waiting_share(baseline) == pytest.approx(0.0)
    assert formatting.waiting_share(replace(threads, trials=threads.trials[:1])) is not None, (
        "the warm-up, for the time being"
    )
    assert formatting.waiting_share(replace(threads, trials=())) is None
