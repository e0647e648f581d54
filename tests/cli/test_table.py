"""The table: what is shared stands above it, what explains a row stands below it, and it fits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pi_tui.cli import terminal_text
from pi_tui.cli.table import format_table
from pi_tui.host.protocol import Failure
from pi_tui.storage.run_record import RunRecord


def lines_of(run: RunRecord, width: int = 80) -> list[str]:
    return format_table(run, width).splitlines()


def test_what_all_rows_share_is_said_once(run_record: RunRecord) -> None:
    run = replace(run_record, results=run_record.results[:2])
    caption, blank, heading, first, second, sentence = lines_of(run)
    assert caption == "Python 3.11.7 · GIL on · 1 000 000 samples per task · 2 repeats · seed 7"
    assert blank == ""
    assert heading.split() == ["kernel", "mode", "workers", "wall", "speed-up", "waiting", "π", "|z|"]
    assert first.split() == ["python", "sequential", "1", "310", "ms", "±10", "baseline", "0%", "3.1412", "0.2"]
    assert second.split() == ["python", "threads", "2", "630", "ms", "±10", "0.98×", "50%", "3.1418", "0.2"]
    assert sentence == "    The threads took turns."


def test_rows_without_figures_say_why(run_record: RunRecord) -> None:
    text_ = " ".join(format_table(run_record, 80).split())
    assert 'failed: ValueError: =1+1 | a "quoted" second line' in text_
    assert "unavailable: numpy cannot run without the GIL" in text_


def test_columns_are_aligned(run_record: RunRecord) -> None:
    run = replace(run_record, results=run_record.results[:2])
    _, _, heading, first, second, _ = lines_of(run)
    for title, cells in (("mode", ("sequential", "threads")), ("wall", (" 310 ms", " 630 ms"))):
        assert heading.index(title) == first.index(cells[0]) == second.index(cells[1])
    end = heading.index("speed-up") + len("speed-up")
    assert first.index("baseline") + len("baseline") == second.index("0.98×") + len("0.98×") == end


@pytest.mark.parametrize("width", [80, 100, 200])
def test_it_fits(run_record: RunRecord, width: int) -> None:
    widest = replace(
        run_record.results[1],
        case=replace(
            run_record.results[1].case, mode="pool-imap-unordered", kernel="numba-nogil", start_method="spawn"
        ),
    )
    run = replace(run_record, results=(*run_record.results, widest))
    assert max(map(len, lines_of(run, width))) <= width


def test_lesser_columns_go_first_where_there_is_no_room(run_record: RunRecord) -> None:
    wide, narrow = (format_table(replace(run_record, results=run_record.results[:2]), width) for width in (80, 50))
    assert "|z|" in wide
    assert "|z|" not in narrow
    assert "speed-up" in narrow
    assert "wall" in narrow


def test_tasks_are_shown_where_they_are_not_one_a_worker(run_record: RunRecord) -> None:
    one, two = run_record.results[:2]
    uneven = replace(two, case=replace(two.case, tasks=8))
    assert "tasks" in lines_of(replace(run_record, results=(one, uneven)))[2]
    assert "8 tasks" in lines_of(replace(run_record, results=(uneven, uneven)))[0]


def test_a_run_that_was_stopped_says_how_far_it_came(run_record: RunRecord) -> None:
    stopped = replace(run_record.results[1], status="stopped", repeat=5)
    assert "stopped after 2 of 5 repeats" in format_table(replace(run_record, results=(stopped,)), 80)


def test_no_results_are_no_error(run_record: RunRecord) -> None:
    assert format_table(replace(run_record, results=()), 80) == "no results\n"


def test_glyphs_are_spelt_out_where_the_terminal_lacks_them(run_record: RunRecord) -> None:
    plain = terminal_text.make_encodable(format_table(run_record, 80), "ascii")
    assert plain.isascii()
    assert "0.98x" in plain
    assert "+-10" in plain
    assert terminal_text.make_encodable("0.98×", "utf-8") == "0.98×"
    assert terminal_text.make_encodable("東", "ascii") == "??"


def test_an_error_that_would_colour_the_terminal_does_not() -> None:
    assert (
        terminal_text.summarize_failure("failed", Failure("ValueError", "\x1b[31mred\x07 [b]", ""))
        == "failed: ValueError: red [b]"
    )
