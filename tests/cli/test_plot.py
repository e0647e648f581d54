"""`pi-tui run --plot`: charts below the table, pictures beside it, one sentence where there is nothing to draw."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from pi_tui.analysis.results import Case, Machine, Result, Spread, Trial
from pi_tui.cli.plot import IN_TEXT, ChartOutput, explain_missing_charts
from pi_tui.engine.errors import LogError, UsageError
from pi_tui.host.kernels.catalog import KERNELS
from pi_tui.storage.export.chart_files import make_caption
from pi_tui.storage.run_record import RunRecord

SMALL = ("--samples", "2k", "--repeat", "1", "--warmup", "0")
MACHINE = Machine("Linux", "a processor", 8, 4, 4, None, 4, 2**33, 2**32)


def record(*workers: int) -> RunRecord:
    """Threads that are as fast as there are, with the baseline they are compared with."""
    results = []
    for mode, count in (("sequential", 1), *(("threads", count) for count in workers)):
        case = Case("numba-nogil", mode, None, None, "3.11.9", None, count, count, 1_000_000)
        trials = tuple(Trial("measured", number, 0.1 + number / 1000, 1.7e9, (), ()) for number in range(5))
        results.append(Result(case, mode == "sequential", "ok", True, None, 5, 1, True, False, trials,
                              wall_s=Spread(0.1, 0.1, 0.1, 0.0), speedup=float(count)))  # fmt: skip
    return RunRecord(MACHINE, (), tuple(results))


def test_charts_stand_below_the_table(call: Any) -> None:
    done = call("run", "python", "--mode", "threads", "--workers", "1,2", *SMALL, "--format", "table", "--plot",
                PYTHONIOENCODING="utf-8")  # fmt: skip
    assert done.returncode == 0, done.stderr
    table, _, chart = done.stdout.partition("Speed-up against workers")
    assert "kernel" in table
    assert "ideal" in chart
    assert "workers" in chart
    assert "\x1b" not in chart
    assert "Time against samples" not in chart


def test_every_one_of_many_series_is_named() -> None:
    one = record(1, 2, 4)
    kernels = list(KERNELS)
    results = [replace(each, case=replace(each.case, kernel=kernel)) for kernel in kernels for each in one.results]
    pooled = [replace(each, case=replace(each.case, mode="thread-pool")) for each in results if not each.baseline]
    drawn = ChartOutput((IN_TEXT,)).render_text(replace(one, results=(*results, *pooled)), 80, None)
    legend = " ".join(drawn.partition("Speed-up against workers")[2].split())
    assert len(kernels) >= 9
    assert all(f"{kernel} · {mode} " in legend for kernel in kernels for mode in ("threads", "thread-pool"))


def test_standard_output_is_data_alone_and_charts_go_to_standard_error(call: Any) -> None:
    done = call("run", "python", "--mode", "threads", "--workers", "1,2", *SMALL, "--plot", PYTHONIOENCODING="ascii")
    assert done.stdout.lstrip().startswith("{")
    assert "Speed-up against workers" in done.stderr
    assert done.stderr.isascii()


def test_where_there_is_nothing_to_draw_it_is_said_what_to_vary(call: Any, tmp_path: Path) -> None:
    picture = tmp_path / "none.svg"
    done = call("run", "python", "--mode", "sequential", *SMALL, "--format", "table", "--plot", "--plot", str(picture))
    assert "--workers 1,2,4" in " ".join(done.stdout.split())
    assert "is not written" in done.stderr
    assert done.returncode == 1
    assert not picture.exists()


def test_a_file_that_is_no_picture_is_refused_before_anything_runs(call: Any, tmp_path: Path) -> None:
    for name, said in (("a.gif", ".svg or .png"), ("python", "after the kernels"), ("missing/a.svg", "no such file")):
        done = call("run", "python", *SMALL, "--plot", str(tmp_path / name))
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_pictures_are_written_and_replaced_whole(tmp_path: Path) -> None:
    svg = tmp_path / "scaling.svg"
    svg.write_text("old")
    names = [str(svg)] + ([str(tmp_path / "scaling.png")] if find_spec("resvg_py") else [])
    plots = ChartOutput([*names, names[0]])
    assert svg.read_text() == "old"
    plots.save(record(1, 2, 4))
    assert "Speed-up against workers" in svg.read_text()
    assert "a processor · 8 cores, 4 usable · Linux" in svg.read_text()
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(Path(name).name for name in names)


def test_a_png_without_its_library_is_refused_with_what_to_do(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(UsageError, match=r"pi-tui\[png\]"):
        ChartOutput([str(tmp_path / "a.png")])


def test_what_if_alone_draws_and_says_why_it_cannot_predict() -> None:
    plots = ChartOutput((), 64)
    assert plots.in_text
    assert "a prediction from 1, 2, 3, 4 workers" in " ".join(plots.render_text(record(1, 2, 3, 4), 100, None).split())
    too_few = " ".join(plots.render_text(record(1, 2, 4), 100, None).split())
    assert "a law fitted to three numbers of workers predicts nothing; at least four numbers are needed." in too_few
    assert "% off some measurement" not in too_few
    why_not = " ".join(plots.render_text(record(1, 2), 100, None).split())
    assert "no prediction: " in why_not
    assert "three or more are needed. For example: --workers 1-4." in why_not


def test_no_line_is_wider_than_the_terminal_and_what_cannot_be_written_is_spelt() -> None:
    narrow = ChartOutput([IN_TEXT]).render_text(record(1, 2, 4), 60, io.TextIOWrapper(io.BytesIO(), "ascii"))
    assert narrow.isascii()
    assert max(map(len, narrow.splitlines())) <= 60


def test_a_terminal_gets_colours_unless_it_wants_none(monkeypatch: Any) -> None:
    class Terminal(io.StringIO):
        encoding = "utf-8"

        def isatty(self) -> bool:
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" in ChartOutput([IN_TEXT]).render_text(record(1, 2), 80, Terminal())
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in ChartOutput([IN_TEXT]).render_text(record(1, 2), 80, Terminal())


def test_nothing_is_drawn_of_nothing() -> None:
    empty = RunRecord(MACHINE, (), ())
    assert (ChartOutput(()).in_text, ChartOutput(()).files) == (False, ())
    assert " ".join(ChartOutput([IN_TEXT]).render_text(empty, 80, None).split()) == explain_missing_charts()
    with pytest.raises(LogError):
        ChartOutput(["/tmp/x.svg"]).save(empty)
    assert "pi-tui" in make_caption(empty)
