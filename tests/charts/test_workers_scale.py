from __future__ import annotations

from pi_tui.charts.tick_labels import label_workers_bar


def test_the_scale_counts_workers() -> None:
    assert label_workers_bar(2, 40.0, 100) == "0" + " " * 39 + "1" + " " * 39 + "2 workers"
    assert label_workers_bar(64, 1.0, 64).rstrip().endswith("64")
    assert "0         10        20" in label_workers_bar(64, 1.0, 80)
    assert label_workers_bar(1, 40.0, 100).endswith("1 worker")


def test_of_any_number_of_workers_the_numbers_stand_apart_and_within_the_room() -> None:
    for workers in (1, 2, 3, 7, 64, 1000, 100_000):
        for room in (20, 79, 160):
            line = label_workers_bar(workers, room / workers, room)
            assert len(line) <= room
            assert line.startswith("0")
            assert line.removesuffix(" workers").removesuffix(" worker").endswith(f"{workers}")
