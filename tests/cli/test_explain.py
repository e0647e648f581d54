"""Where the speed-up went, as text: the sum is right, the bar is as long as it says, nothing unknown is a nought."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pi_tui.analysis.results import Advice, Losses, Result
from pi_tui.cli import terminal_text
from pi_tui.cli.explain import draw_loss_bar, explain_results
from pi_tui.cli.table import format_table
from pi_tui.storage.run_record import RunRecord

SEEN = Losses(0.98, 0.01, 0.05, 0.9, 0.6, 0.2, 0.1, 0.02, -0.03, 0.03, 0.04, workers=2, worker=1, trial=1)
GLYPHS = "█-·▚▓▒░|+/>"


@pytest.fixture
def threads(run_record: RunRecord) -> Result:
    return replace(run_record.results[1], losses=SEEN)


def lines_of(result: Result, width: int = 80) -> list[str]:
    return explain_results([("python · threads · 2 workers", result)], width).splitlines()


def numbers(lines: list[str], *, parts: bool = False) -> dict[str, str]:
    """The ledger's numbers by name; those of waiting's parts stand apart."""
    begin = next(place for place, line in enumerate(lines) if line.startswith("  █  speed-up"))
    end = next(place for place, line in enumerate(lines) if line.startswith("  =  workers"))
    found = {}
    for line in lines[begin : end + 1]:
        name, value, part = line[4:15].strip(), line[15:23].strip(), line[23:31].strip()
        assert bool(value) != bool(part)
        if bool(part) == parts:
            found[name] = part or value
    return found


def test_workers_are_the_speed_up_and_the_losses(threads: Result) -> None:
    found = numbers(lines_of(threads))
    assert " ".join(found) == "speed-up startup queued waiting between extra imbalance collect workers"
    assert found["extra"] == "-0.03"
    workers = float(found.pop("workers"))
    assert sum(map(float, found.values())) == pytest.approx(workers)


def test_waiting_is_divided_where_that_is_known(threads: Result) -> None:
    assert numbers(lines_of(threads), parts=True) == {"GIL": "0.60", "lock": "0.20", "I/O": "0.10"}


def test_an_unknown_figure_is_not_zero(threads: Result) -> None:
    unseen = replace(SEEN, queued=None, gil_wait=None, lock_wait=None, io_wait=None)
    lines = lines_of(replace(threads, losses=unseen))
    assert numbers(lines)["queued"] == "?"
    assert set(numbers(lines, parts=True).values()) == {"?"}
    assert "▚" in lines[4]
    assert any("blocked, reason unknown, or queued" in line for line in lines)
    workers = [line for line in lines if line.strip().startswith(("0 ", "*1 ")) and "%" in line]
    assert len(workers) == 2
    assert all(line.split()[3:6] == ["?", "?", "?"] for line in workers)
    assert any("? is unknown" in line for line in lines)


def test_where_nothing_was_waited_for_there_is_nothing_to_divide(threads: Result) -> None:
    busy = tuple(replace(worker, waiting_s=1e-5, running_s=0.6) for worker in threads.measured_trials[0].workers)
    lines = lines_of(
        replace(
            threads,
            losses=replace(SEEN, waiting=0.001, gil_wait=None, lock_wait=None, io_wait=None),
            trials=(replace(threads.measured_trials[0], workers=busy),),
        )
    )
    assert numbers(lines)["waiting"] == "0.00"
    assert numbers(lines, parts=True) == {}
    assert not any("?" in line for line in lines[1:])


def test_a_workers_shares_are_those_of_its_ledger(threads: Result) -> None:
    trial = threads.measured_trials[0]
    seen = tuple(
        replace(worker, gil_wait_s=worker.waiting_s, lock_wait_s=0.0, io_wait_s=0.0) for worker in trial.workers
    )
    lines = lines_of(replace(threads, trials=(replace(trial, workers=seen),)))
    heading = next(line for line in lines if line.strip().startswith("worker "))
    last = next(line for line in lines if line.strip().startswith("*1 "))
    assert " ".join(heading.split()) == "worker running waiting = GIL + lock + I/O queued startup between idle"
    wall_s = trial.wall_s
    worker = trial.workers[1]
    expected = [worker.running_s, worker.waiting_s, worker.waiting_s, 0, 0, 0, worker.startup_s, 0, worker.idle_s]
    assert last.split()[1:] == [f"{part / wall_s:.0%}" for part in expected]
    assert any("median trial (620 ms)" in line for line in lines)


def test_the_bar_is_as_long_as_there_are_workers() -> None:
    bar, scale = draw_loss_bar(replace(SEEN, extra=0.03, speedup=0.92), 80)
    assert scale.split() == ["0", "1", "2", "workers"]
    cells = scale.index("1") - scale.index("0")
    assert len(bar.strip()) == 2 * cells
    assert scale.index("2") - scale.index("0") == 2 * cells
    for glyph, value in zip("█▓▒░", (0.92, 0.6, 0.2, 0.1), strict=True):
        assert bar.count(glyph) == pytest.approx(value * cells, abs=1)


def test_every_glyph_is_its_own_and_stays_so_in_ascii() -> None:
    assert len(set(GLYPHS)) == len(set(terminal_text.make_encodable(GLYPHS, "ascii"))) == 11


term = st.floats(0, 4)


@given(st.tuples(*[term] * 7), st.floats(-0.5, 1), st.integers(1, 500), st.integers(40, 200))
def test_any_losses_fit(values: tuple[float, ...], extra: float, workers: int, width: int) -> None:
    speedup, startup, queued, gil, lock, between, collect = values
    losses = Losses(
        speedup, startup, queued, gil + lock, gil, lock, 0.0, between, extra, 0.0, collect,
        workers=workers, worker=0, trial=1,
    )  # fmt: skip
    bar, scale = draw_loss_bar(losses, width)
    assert len(bar) <= width
    assert len(scale) <= width
    assert set(bar.strip()) <= set(GLYPHS)


@pytest.mark.parametrize("speedup", [0.98, 12.3, 128.0])
def test_it_fits_a_terminal(threads: Result, speedup: float) -> None:
    worker = threads.measured_trials[0].workers[0]
    whole = replace(worker, running_s=1.0, waiting_s=0.0, startup_s=0.0, idle_s=0.0)
    many = tuple(replace(whole, index=index) for index in range(128))
    wide = replace(
        threads,
        case=replace(threads.case, workers=128, tasks=128),
        losses=replace(SEEN, workers=128, extra=123.45, worker=100),
        trials=(replace(threads.measured_trials[0], workers=many),),
        speedup=speedup,
    )
    lines = lines_of(wide)
    assert max(map(len, lines)) <= 80
    rows = [
        line.split()[0] for line in lines[lines.index("") :] if line.split() and line.split()[0].strip("*.").isdigit()
    ]
    assert "*100" in rows
    assert len(rows) <= 18, "of many workers, some"
    assert any(line.split()[:2] == ["mean", "100%"] for line in lines)
    ledger = lines_of(wide, 60)
    assert max(map(len, ledger[: ledger.index("", 7)])) <= 60


def test_the_speed_up_in_wall_time_is_shown_where_it_differs(threads: Result) -> None:
    assert not any("by the clock" in line for line in lines_of(threads))
    assert any("(2.00× by the clock)" in line for line in lines_of(replace(threads, speedup=2.0)))


def test_every_verdict_is_printed_the_cause_first(threads: Result) -> None:
    advised = replace(threads, advice=(Advice("a", "First the cause."), Advice("b", "Then the rest.")))
    lines = lines_of(advised)
    assert lines[-3:] == ["  First the cause.", "", "  Then the rest."]


def test_results_without_anything_to_compare_with_are_left_out(run_record: RunRecord, threads: Result) -> None:
    baseline, _, failed, unavailable = run_record.results
    nothing = explain_results([("x", each) for each in (baseline, failed, unavailable)], 80)
    assert nothing.startswith("There is nothing to explain")
    assert any("its baseline has no figures" in line for line in lines_of(replace(threads, losses=None)))


def test_below_the_table_nothing_is_said_twice(run_record: RunRecord) -> None:
    assert format_table(run_record, 80).count("The threads took turns.") == 1
    explained = format_table(run_record, 80, explain=True)
    assert explained.count("The threads took turns.") == 1
    assert explained.index("Where did the speed-up go?") < explained.index("The threads took turns.")
    assert "python · threads · GIL" not in explained, "what all share is no heading"
    assert "\npython · threads · 2 workers\n" in explained
    assert "unavailable: numpy cannot run" in explained
