from __future__ import annotations

import pytest

from pi_tui.charts.chart import Quantity
from pi_tui.charts.tick_labels import format_ticks, label_workers_bar


@pytest.mark.parametrize(
    ("ticks", "quantity", "labels"),
    [
        ((1e3, 1e4, 1e5, 1e6), "count", ("1k", "10k", "100k", "1M")),
        ((256, 1024, 4096), "count", ("256", "1024", "4096")),
        ((0.0, 0.5, 1.0), "times", ("0×", "0.5×", "1×")),
        ((1e-6, 1e-3, 1.0, 10.0), "seconds", ("1 µs", "1 ms", "1 s", "10 s")),
        ((1.002, 1.004), "times", ("1.002×", "1.004×")),
        ((0.0, 2e-10), "seconds", ("0 s", "0.2 ns")),
    ],
)
def test_labels_as_people_write_them(ticks: tuple[float, ...], quantity: Quantity, labels: tuple[str, ...]) -> None:
    assert format_ticks(ticks, quantity) == labels


def test_the_numbers_below_a_bar_count_workers() -> None:
    assert label_workers_bar(2, 40.0, 100) == "0" + " " * 39 + "1" + " " * 39 + "2 workers"
    assert label_workers_bar(64, 1.0, 64).rstrip().endswith("64")
    assert "0         10        20" in label_workers_bar(64, 1.0, 80)
    assert label_workers_bar(1, 40.0, 100).endswith("1 worker")


def test_the_numbers_below_a_bar_stay_apart_and_within_the_room() -> None:
    for workers in (1, 2, 3, 7, 64, 1000, 100_000):
        for room in (20, 79, 160):
            line = label_workers_bar(workers, room / workers, room)
            assert len(line) <= room
            assert line.startswith("0")
            assert line.removesuffix(" workers").removesuffix(" worker").endswith(f"{workers}")
