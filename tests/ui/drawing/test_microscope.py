"""The microscope."""

from __future__ import annotations

import re

import pytest

from pi_tui.ui.drawing.lanes import (
    MISSED,
)
from pi_tui.ui.drawing.microscope import (
    MicroscopePosition,
    count_visible_workers,
    draw_microscope,
    last_start,
    window_ticks,
)
from pi_tui.ui.drawing.spans import ELLIPSIS, line_text, line_width
from tests.ui.watched import view_of


def test_the_microscope_shows_200_ms_with_one_tick_per_cell() -> None:
    view = view_of(2, 1000)
    assert window_ticks(view) == 200
    assert window_ticks(view._replace(period_ns=2_000_000)) == 100
    assert last_start(view) == 800
    drawn = [line_text(line) for line in draw_microscope(view, MicroscopePosition(103), 199, 110, 24)]
    assert drawn[0].startswith("0.103 to 0.303 s of 1.000 s")
    assert "39 here" in drawn[0]
    assert "199 in all, 199 per second" in drawn[0]
    lanes = "".join(line[3:].rstrip() for line in drawn if line.startswith("w0") and "%" not in line)
    assert len(lanes) == 200
    assert lanes[:20] == "█████▓▓▓▓▓" * 2
    assert "│120 ms" in drawn[3]
    assert MISSED.label in drawn[-1]


def test_a_short_trial_fills_the_width() -> None:
    view = view_of(2, 40)
    assert window_ticks(view) == 40
    drawn = [line_text(line) for line in draw_microscope(view, MicroscopePosition(0), 8, 103, 24)]
    lane = next(line for line in drawn if line.startswith("w0"))
    assert "████████████▓▓▓▓▓▓▓▓▓▓▓▓▓" * 3 in lane, "five ticks of two cells and a half, then five more"
    assert len(lane.rstrip()) == 103
    assert "ticks of 1 ms" in drawn[-1]
    assert "│20 ms" in drawn[3]


@pytest.mark.parametrize("cells", [30, 76, 114, 194, 300])
@pytest.mark.parametrize("lines", [6, 10, 20, 50])
@pytest.mark.parametrize("workers", [1, 2, 9])
def test_the_microscope_fits_any_size(cells: int, lines: int, workers: int) -> None:
    for ticks in (7, 150, 1000):
        view = view_of(workers, ticks)
        drawn = draw_microscope(view, MicroscopePosition(last_start(view)), 5, cells, lines)
        assert len(drawn) == lines
        assert all(line_width(line) == cells for line in drawn)
    assert count_visible_workers(view_of(workers), cells, lines) >= 1


@pytest.mark.parametrize("cells", range(36, 130, 3))
@pytest.mark.parametrize("workers", [1, 2, 64])
def test_the_microscope_cuts_no_text(cells: int, workers: int) -> None:
    drawn = [
        line_text(line) for line in draw_microscope(view_of(workers, 1000), MicroscopePosition(103), 199, cells, 10)
    ]
    assert ELLIPSIS not in drawn[0] + drawn[-1]
    assert drawn[0].startswith("0.103 to 0.303 s")
    assert "running" in drawn[-1] or "workers 1-" in drawn[-1]


@pytest.mark.parametrize("start", range(60))
@pytest.mark.parametrize("cells", [40, 80, 120])
def test_every_mark_of_the_microscopes_ruler_has_its_label(start: int, cells: int) -> None:
    drawn = [line_text(line) for line in draw_microscope(view_of(2, 1000), MicroscopePosition(start), 5, cells, 40)]
    rulers = [line for line in drawn if " ms" in line and "w" not in line and "cell" not in line]
    assert rulers
    for ruler in rulers:
        for mark in re.finditer("│", ruler):
            assert re.match(r"│\d+ ms", ruler[mark.start() :]) or re.search(r"\d+ ms│$", ruler[: mark.end()])


def test_the_last_mark_of_the_microscopes_ruler_has_its_label_before_it() -> None:
    ruler = line_text(draw_microscope(view_of(2, 1000), MicroscopePosition(1), 5, 120, 24)[3]).rstrip()
    assert ruler.endswith("100 ms│")
    assert ruler.index("│20 ms") == len("w0 ") + 19


def test_the_microscope_shows_shares_of_the_part_and_of_the_trial() -> None:
    view = view_of(2, 1000)
    text = [line_text(line) for line in draw_microscope(view, MicroscopePosition(0), 5, 110, 30)]
    told = next(line for line in text if line.startswith("w0") and "%" in line)
    assert told.split() == ["w0", "51%", "49%", "0%", "0%", "0%", "50%", "50%", "0%", "0%", "0%"]
