"""What others wrote (errors, paths, names, docstrings) is shown as it is written: it colours nothing and breaks nothing."""

from __future__ import annotations

import pytest

from pi_tui.host.kernels.catalog import Kernel
from pi_tui.host.protocol import Failure, UserSource
from pi_tui.ui.drawing.spans import Span, escape_markup, make_line_printable
from tests.ui.pilot import gone, opened, palette, run_to_end, screen_text, seen
from tests.ui.scripted import Bench

UGLY = "first\x1b[31m red [/red] [b]bold\x07\rsecond \u202eturned\udcff"


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_the_log_of_a_failure_moves_no_cursor(bench: Bench) -> None:
    bench.laboratory.failing["python"] = Failure("ValueError", UGLY, f"Traceback:\n  {UGLY}")
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        failed = next(row for row in bench.app.session.rows if row.state == "failed")
        bench.app.bench.point_at(failed)
        await seen(pilot, "ValueError: first red [/red] [b]bold second")
        await pilot.press("l")
        await seen(pilot, "    first red [/red] [b]bold ")
        assert not {"\x1b", "\x07", "\r", "\u202e", "\udcff"} & set(screen_text(bench.app))


async def test_a_long_line_is_shifted_no_further_than_to_its_end(bench: Bench) -> None:
    bench.laboratory.failing["python"] = Failure("ValueError", "long", "x" * 300 + " here it ends")
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        bench.app.bench.point_at(next(row for row in bench.app.session.rows if row.state == "failed"))
        await pilot.press("l", *["right"] * 60)
        await seen(pilot, "here it ends")
        await pilot.press(*["left"] * 2)
        await gone(pilot, "here it ends")


async def test_what_is_told_for_a_moment_has_no_markup(bench: Bench) -> None:
    async with opened(bench) as pilot:
        bench.app.screen.notify(UGLY, title=UGLY)
        await seen(pilot, "red [/red] [b]bold")
        assert not {"\x1b", "\x07", "\u202e", "\udcff"} & set(screen_text(bench.app))


async def test_a_kernel_s_first_line_may_have_brackets(bench: Bench) -> None:
    source = UserSource("/work.py", "/")
    own = Kernel("work.py:func", "takes list[int], not [/int]", "mine", "func", holds_gil=None, own=source)
    async with opened(bench) as pilot:
        bench.app.bench.setup.offer([own])
        await palette(pilot, "func")
        await seen(pilot, "takes list[int], not [/int]")


def test_a_line_has_only_what_takes_a_cell() -> None:
    line = [Span("a\tb\nc", "strong"), Span("\u00a0 π̂ ✗")]
    assert make_line_printable(line) == [Span("a b c", "strong"), Span("\u00a0 π̂ ✗")]
    assert escape_markup("[a] \\[b]") == "\\[a] \\\\[b]"
