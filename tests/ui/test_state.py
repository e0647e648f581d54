"""What lies behind the screen: selection, preview, session, order, words, and the inbox."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from scripted import (
    BARE_PYTHON,
    CRASH,
    DUPLICATED,
    FREE_PYTHON,
    PYTHON,
    ScriptedLaboratory,
    ended,
    machine,
    result_of,
    trial_of,
)

from pi_tui.analysis.results import Case, Result
from pi_tui.engine.errors import UsageError
from pi_tui.engine.run.events import CaseFinished, Event, Progress, RunFinished, RunStarted, TrialFinished, TrialStarted
from pi_tui.host.protocol import Failure
from pi_tui.ui.bench.presenter import ProgressClock, describe_run_end, explain_unavailable, make_header_view
from pi_tui.ui.bench.setup_options import list_mode_choices, list_sample_choices, list_worker_choices
from pi_tui.ui.controllers.messages import RunEnded
from pi_tui.ui.controllers.run_thread import EventQueue, Runner
from pi_tui.ui.drawing import result_cells
from pi_tui.ui.drawing.results_table import DENSITIES, TableLayout
from pi_tui.ui.drawing.row_details import describe_row
from pi_tui.ui.drawing.spans import Span, line_text, slice_header, slice_line
from pi_tui.ui.drawing.status_bar import draw_hint
from pi_tui.ui.state.event_reducer import apply_event, is_superseded
from pi_tui.ui.state.row_order import find_notable_row, matches_filter, sort_rows
from pi_tui.ui.state.row_summary import summarize_row
from pi_tui.ui.state.run_preview import RunPreview, RunPreviewer
from pi_tui.ui.state.selection import Selection, describe_gil, list_worker_presets, toggle_gil
from pi_tui.ui.state.selection_edits import apply_answer, change_repeats, cycle_option, make_check, toggle_choice
from pi_tui.ui.state.session import Row, Session

PROGRESS = Progress(3, 12, 1.0, 3.0)


def case(kernel: str = "python", mode: str = "threads", workers: int = 2, samples: int = 1_000_000) -> Case:
    start = "spawn" if mode in ("processes", "pool-map") else None
    return Case(
        kernel, mode, start, "queue" if mode == "processes" else None, "3.11.7", None, workers, workers, samples
    )


def result(of: Case | None = None, measured: int = 3, repeat: int = 5) -> Result:
    of = of or case()
    trials = tuple(trial_of(of, "warmup" if number == 0 else "measured", number) for number in range(measured + 1))
    return result_of(of, trials, repeat)


def row(of: Result, number: int = 1, run: int = 1) -> Row:
    state = of.status if of.finished else "running"
    return Row(number, run, of.case, state, False, of)


# ---- selection


def test_ticking_keeps_the_order_of_the_catalog() -> None:
    selection = toggle_choice(Selection(kernels=()), "kernel", "numba")
    selection = toggle_choice(selection, "kernel", "python")
    assert selection.kernels == ("python", "numba")
    assert toggle_choice(selection, "kernel", "numba").kernels == ("python",)
    assert toggle_choice(selection, "samples", "1000").samples == (1000, 1_000_000)
    assert toggle_choice(Selection(workers=(2,)), "workers", "2").workers == ()
    assert toggle_choice(selection, "mode", "threads").modes == ("sequential",)


def test_typed_values_are_added_to_the_choices() -> None:
    selection = apply_answer(Selection(), "workers", "3,5-6")
    assert selection.workers == (1, 3, 5, 6)
    assert selection.more_workers == (3, 5, 6)
    labels = [choice.label for choice in list_worker_choices(selection, 2)]
    assert labels == ["1", "2", "3", "4", "5", "6", "8", "custom"]
    assert apply_answer(selection, "repeats", "12").repeat == 12
    until = apply_answer(selection, "repeats", "2%")
    assert until.until_stable == 0.02
    assert until.request().until_stable == 0.02
    assert replace(until, in_app=True).request().until_stable is None
    assert apply_answer(until, "repeats", "7").until_stable is None
    assert apply_answer(selection, "python", " 3.14 ").pythons == ("3.14",)
    assert apply_answer(selection, "python", "3.14, 3.13t").pythons == ("3.14", "3.13t")
    with pytest.raises(UsageError):
        apply_answer(selection, "repeats", "1e6")
    assert make_check("samples", selection)("12x")
    assert not make_check("samples", selection)("12")
    assert not make_check("filter", selection)("anything at all")


def test_large_numbers_of_samples_stay_short() -> None:
    selection = apply_answer(Selection(), "samples", "1e9,2.5e10,1234567890")
    labels = [choice.label for choice in list_sample_choices(selection)]
    assert "1e9" in labels
    assert "2.500e10" in labels or "2.5e10" in labels
    assert "1\u00a0234\u00a0567\u00a0890" in labels


def test_inside_the_app_a_number_of_samples_is_told_for_what_runs_there() -> None:
    notes = [list_sample_choices(Selection(in_app=in_app))[0].note for in_app in (False, True)]
    assert ["numba" in note for note in notes] == [True, False]
    assert all("python" in note for note in notes)


def test_options_and_repeats_stay_within_what_there_is() -> None:
    selection = Selection()
    for _ in range(4):
        selection = cycle_option(selection, "start_method")
    assert selection.start_methods == ("spawn",)
    assert cycle_option(replace(selection, transports=("pipe", "value")), "transport").transports == ("queue",)
    assert change_repeats(Selection(repeat=1), -1).repeat == 1
    assert change_repeats(Selection(repeat=999), 1).repeat == 999


def test_workers_are_offered_up_to_four_times_the_cores() -> None:
    assert list_worker_presets(1) == (1, 2, 4)
    assert list_worker_presets(2) == (1, 2, 4, 8)
    assert list_worker_presets(6) == (1, 2, 4, 6, 8, 16, 24)


def test_the_gil_of_a_selection_in_words() -> None:
    assert describe_gil(Selection(kernels=("python", "numba")), PYTHON) == ("held by numba", True)
    assert describe_gil(Selection(kernels=("numba-nogil",)), PYTHON) == ("released", True)
    assert describe_gil(Selection(kernels=("numba", "numba-nogil")), PYTHON) == ("held and released", False)
    assert describe_gil(Selection(kernels=("python",)), PYTHON) == ("on, always", False)
    assert describe_gil(Selection(kernels=("python",)), FREE_PYTHON) == ("off", True)
    assert describe_gil(Selection(in_app=True), PYTHON) == ("on, the app's own", False)
    assert describe_gil(Selection(in_app=True, gils=(True,)), FREE_PYTHON) == ("off, the app's own", False)
    assert Selection(in_app=True, gils=(True,)).request().gils == (None,)
    unchanged, words = toggle_gil(Selection(in_app=True), PYTHON)
    assert unchanged == Selection(in_app=True)
    assert "app's own: it is on, and stays so" in words
    assert describe_gil(Selection(kernels=("python",), gils=(True,)), FREE_PYTHON) == ("on", True)


def test_toggling_the_gil_says_what_could_where_nothing_can() -> None:
    selection, words = toggle_gil(Selection(kernels=("python",)), PYTHON, [PYTHON, FREE_PYTHON])
    assert selection.kernels == ("python",)
    assert FREE_PYTHON.id in words
    _, words = toggle_gil(Selection(kernels=("python",)), PYTHON)
    assert "free-threaded" in words


# ---- preview


def test_an_outlook_bars_what_cannot_run() -> None:
    laboratory = ScriptedLaboratory(machine(), BARE_PYTHON)
    preview = RunPreviewer(laboratory, lambda: BARE_PYTHON).preview(Selection(kernels=("python", "numpy")))
    assert preview.kernel_refusal("numpy") == "numpy is not installed for Python 3.12.1"
    assert preview.kernel_refusal("python") == ""
    assert preview.mode_refusal("threads") == ""
    assert preview.can_run
    only_numpy = RunPreviewer(laboratory, lambda: BARE_PYTHON).preview(Selection(kernels=("numpy",)))
    assert only_numpy.mode_refusal("threads")
    assert not only_numpy.can_run


def test_an_outlook_says_what_is_missing() -> None:
    previewer = RunPreviewer(ScriptedLaboratory(machine()), lambda: PYTHON)
    assert previewer.preview(Selection(kernels=())).refused == "Tick a kernel to run."
    assert previewer.preview(Selection(samples=())).refused == "Tick a number of samples."
    assert previewer.preview(Selection(workers=())).refused == "Tick a number of workers."
    inside = previewer.preview(Selection(kernels=("numba",), in_app=True))
    assert "inside the app" in inside.refused
    assert inside.kernel_refusal("numba") == "inside the app only pure Python runs; numba is not loaded"
    told = line_text(draw_hint(explain_unavailable("numba", inside.kernel_refusal("numba")), 80)).strip()
    assert told == "numba cannot run: inside the app only pure Python runs; numba is not loaded"
    parallel = line_text(
        draw_hint(explain_unavailable("numba-parallel", inside.kernel_refusal("numba-parallel")), 80)
    ).strip()
    assert parallel == "numba-parallel cannot run: inside the app only pure Python runs …"


def test_the_header_tells_the_gil_that_the_app_has_where_things_run_inside_it() -> None:
    selection = Selection(kernels=("python",), gils=(True,))
    preview = RunPreviewer(ScriptedLaboratory(machine(), FREE_PYTHON), lambda: FREE_PYTHON).preview(selection)
    assert make_header_view(selection, preview, 2, None, ()).gil_enabled is True
    inside = replace(selection, in_app=True)
    assert make_header_view(inside, preview, 2, None, ()).gil_enabled is False


def test_what_an_outlook_knew_inside_the_app_is_not_taken_for_another_python() -> None:
    previewer = RunPreviewer(ScriptedLaboratory(machine()), lambda: PYTHON)
    elsewhere = Selection(pythons=(BARE_PYTHON.path,))
    inside = previewer.preview(replace(elsewhere, in_app=True))
    assert inside.interpreters == (PYTHON,)
    assert inside.plan is not None
    assert inside.plan.trials == 5
    assert inside.mode_refusal("threads") == ""
    assert "not installed" in previewer.preview(elsewhere).kernel_refusal("numba")


def test_what_is_refused_for_its_size_can_be_insisted_on() -> None:
    preview = RunPreviewer(ScriptedLaboratory(machine()), lambda: PYTHON).preview(Selection(workers=(100,)))
    assert preview.plan is None
    assert preview.forced is not None
    assert preview.needs_confirmation
    assert not preview.can_run
    assert preview.refused == "100 workers are more than 4 times the 2 usable cores (8)."


@pytest.mark.parametrize("in_app", [True, False])
def test_a_refusal_is_a_sentence(in_app: bool) -> None:
    previewer = RunPreviewer(ScriptedLaboratory(machine()), lambda: PYTHON)
    long = previewer.preview(Selection(samples=(10**12,), in_app=in_app))
    assert long.refused.startswith("This would take about ")
    assert long.refused.endswith(" days.")
    large = previewer.preview(Selection(kernels=("numpy",), samples=(10**9,)))
    assert large.refused.startswith("numpy with 1 000 000 000 samples"), "a kernel keeps its name"
    assert large.refused.endswith(" available.")
    assert not previewer.preview(Selection(kernels=("numpy",), in_app=True)).needs_confirmation, "nothing would run"


def test_choices_show_options_only_where_there_are_some() -> None:
    selection = Selection()
    by_name = {choice.key: choice for choice in list_mode_choices(selection, RunPreview(selection))}
    assert [text for text, _ in by_name["processes"].options] == ["spawn", "queue"]
    assert [text for text, _ in by_name["pool-map"].options] == ["spawn"]
    assert by_name["threads"].options == ()


# ---- session


def events_of(of: Case) -> list[Event]:
    first = trial_of(of, "warmup", 0)
    second = trial_of(of, "measured", 1)
    early, late = result_of(of, (first,), 1), result_of(of, (first, second), 1)
    return [
        RunStarted(machine(), (PYTHON,), (of,), 2, 7),
        TrialStarted(of, "warmup", 0, 1, PROGRESS),
        TrialFinished(of, first, early, PROGRESS),
        TrialStarted(of, "measured", 1, 1, PROGRESS),
        TrialFinished(of, second, late, PROGRESS),
        CaseFinished(late, PROGRESS),
        RunFinished((late,), False, 1.0),
    ]


def test_a_row_comes_with_the_first_trial_and_is_refined() -> None:
    session = Session()
    session.begin(in_app=False)
    seen = []
    for event in events_of(case()):
        apply_event(session, event)
        seen.append([(row.state, row.active, row.provisional) for row in session.rows])
    assert seen == [
        [],
        [("running", True, True)],
        [("running", False, True)],
        [("running", True, True)],
        [("ok", False, False)],
        [("ok", False, False)],
        [("ok", False, False)],
    ]
    assert not session.running
    assert session.results() == (session.rows[0].result,)


def test_the_same_case_in_another_run_is_another_row() -> None:
    session = Session()
    for _ in range(2):
        session.begin(in_app=False)
        for event in events_of(case()):
            apply_event(session, event)
    assert [(row.number, row.run) for row in session.rows] == [(1, 1), (2, 2)]


def test_what_never_finished_was_stopped() -> None:
    session = Session()
    session.begin(in_app=False)
    for event in events_of(case())[:4]:
        apply_event(session, event)
    session.end()
    assert session.rows[0].state == "stopped"
    assert session.active_case is None


@pytest.mark.parametrize("stopped", [True, False])
def test_a_run_inside_the_app_ends_with_what_applies_to_it(stopped: bool) -> None:
    session = Session()
    session.begin(in_app=True)
    note = describe_run_end(session, (result(),), 25.2, stopped=stopped)
    how = "was stopped after 25 s" if stopped else "is done: 1 case in 25 s"
    assert line_text(note) == f"Run 1 {how}.  It is not kept and not exported.  r again"
    assert {span.action for span in note if span.action} == {"app.start_run"}
    assert line_text(draw_hint(note, 80)).rstrip().endswith("r again")


def test_what_ran_inside_the_app_is_no_result() -> None:
    session = Session()
    session.begin(in_app=True)
    for event in events_of(case()):
        apply_event(session, event)
    assert session.rows[0].in_app
    assert session.results() == ()


# ---- order and filter


def test_rows_without_a_figure_stand_last_either_way() -> None:
    rows = [
        row(ended(case("numba"), "failed", CRASH), 1),
        row(result(case("python")), 2),
        row(result(case("numpy")), 3),
    ]
    assert [each.number for each in sort_rows(rows, "wall", reverse=False, wanted="")] == [3, 2, 1]
    assert [each.number for each in sort_rows(rows, "wall", reverse=True, wanted="")] == [2, 3, 1]


@pytest.mark.parametrize(
    "column", ["number", "kernel", "mode", "python", "workers", "samples", "speedup", "waiting", "z"]
)
def test_every_column_sorts_rows_of_every_state(column: str) -> None:
    rows = [
        row(result(), 1),
        row(ended(case("numba"), "unavailable", CRASH), 2),
        Row(3, 2, case("numpy"), "running", True, None),
    ]
    for reverse in (True, False):
        assert sorted(each.number for each in sort_rows(rows, column, reverse=reverse, wanted="")) == [1, 2, 3]


def test_a_filter_looks_at_everything_that_can_be_seen() -> None:
    failed = row(ended(case("numba", "processes"), "failed", CRASH), 4, run=2)
    for wanted in ("numba", "spawn queue", "workers=2", "run=2", "failed", "sigsegv", "3.11", "NUMBA proc"):
        assert matches_filter(failed, wanted), wanted
    assert not matches_filter(failed, "numpy")
    assert matches_filter(failed, "  ")


def test_the_most_telling_row_is_a_failed_one_or_the_least_efficient() -> None:
    rows = [
        row(result(case("python", "sequential", 1)), 1),
        row(result(case("python")), 2),
        row(result(case("numba-nogil")), 3),
    ]
    assert find_notable_row(rows, 1) is rows[1]
    failed = row(ended(case("numba"), "failed", CRASH), 4)
    assert find_notable_row([*rows, failed], 1) is failed
    assert find_notable_row(rows, 2) is None


# ---- cells, table and words


def test_wall_and_speed_up_have_three_figures_and_a_spread() -> None:
    shown = row(result())
    assert "".join(span.text for span in result_cells.draw_wall(shown, "text")).split() == ["515", "ms", "±5"]
    assert line_text(result_cells.draw_speedup(shown, "text", 2, bar_cells=6)) == "0.97× ━━━───"
    assert line_text(result_cells.draw_speedup(shown, "text", 2, bar_cells=0)) == "0.97×"
    assert line_text(result_cells.draw_speedup(replace(shown, in_app=True), "text", 2, bar_cells=6)) == "not compared"


def test_waiting_has_the_colour_of_what_is_waited_for() -> None:
    shown = row(result())
    assert result_cells.draw_waiting(shown)[0].style == "gil-wait"
    assert shown.result is not None
    silent = replace(shown, result=replace(shown.result, advice=()))
    assert result_cells.draw_waiting(silent)[0].style == "waiting"
    busy = row(result(case("numba-nogil")))
    assert result_cells.draw_waiting(busy)[0].style == "muted"


def test_an_estimate_that_is_off_is_flagged() -> None:
    shown = row(replace(result(), z=-5.25))
    assert (result_cells.draw_z(shown)[0].text, result_cells.draw_z(shown)[0].style) == ("5.2", "bad")


def test_the_table_only_ever_grows_and_lines_have_its_width() -> None:
    table = TableLayout(2)
    table.widen([row(result())])
    narrow = table.line_cells(DENSITIES[0])
    assert table.widen([row(result(case("numba", "processes", 64, 10**8)), 1234)])
    assert table.line_cells(DENSITIES[0]) > narrow
    assert not table.widen([row(result())])
    for density in DENSITIES:
        for each in (row(result()), row(ended(case(), "failed", CRASH)), Row(3, 1, case(), "running", True, None)):
            assert len(line_text(table.draw_row(each, density, current=True))) == table.line_cells(density)
        assert len(line_text(table.draw_header(density, "wall", reverse=True))) == table.line_cells(density)


def test_a_second_interpreter_opens_a_column() -> None:
    table = TableLayout(2)
    first = result()
    table.widen([row(first)])
    assert not table.shows_python
    other = replace(first, case=replace(first.case, python="3.14.0t"), free_threaded_build=True, gil_enabled=False)
    table.widen([row(other)])
    assert table.shows_python
    assert "3.14.0t GIL off" in line_text(table.draw_row(row(other), DENSITIES[0], current=True))


def test_a_line_can_be_looked_at_in_part() -> None:
    table = TableLayout(2)
    line = table.draw_row(row(result()), DENSITIES[0], current=True)
    assert line_text(slice_line(line, 7, 6)) == line_text(line)[7:13]
    assert line_text(slice_line(line, 10_000, 4)) == "    "


def test_a_heading_says_at_which_end_there_is_more() -> None:
    heading = [Span("workers  samples  wall")]
    assert line_text(slice_header(heading, 0, 22)) == "workers  samples  wall"
    assert line_text(slice_header(heading, 0, 12)) == "workers  sa›"
    assert line_text(slice_header(heading, 0, 7)) == "workers", "whole as it is"
    assert line_text(slice_header(heading, 3, 12)) == "‹ers  sampl›"
    assert line_text(slice_header(heading, 10, 12)) == "‹mples  wall"
    assert [span.action for span in slice_header(heading, 3, 12) if span.action] == ["shift(-1)", "shift(1)"]


def test_sentences_come_from_analysis_and_never_call_waiting_by_a_name_it_did_not_give() -> None:
    assert summarize_row(row(result())).startswith("Two threads took turns")
    silent = summarize_row(row(replace(result(), advice=())))
    assert silent.startswith("2 threads: ")
    assert "waiting" in silent
    assert "GIL" not in silent
    assert summarize_row(row(replace(result(), advice=(DUPLICATED,)))) == DUPLICATED.sentence
    assert "baseline" in summarize_row(row(result(case("python", "sequential", 1))))
    assert summarize_row(row(ended(case(), "failed", CRASH))).endswith("Press l for the log.")
    raised = Failure("ValueError", "work.py:7, in bad: ValueError: no such luck")
    assert summarize_row(row(ended(case(), "failed", raised))).startswith("work.py:7, in bad"), "a file keeps its name"
    assert "Warm-up" in summarize_row(row(result(measured=0)))
    assert "not compared" in summarize_row(replace(row(result(measured=5)), in_app=True))


def test_a_row_in_full_has_its_case_its_trials_and_its_log() -> None:
    text = "\n".join(f"{block}" for block in describe_row(row(result())))
    assert "515 ms, from 510 ms to 520 ms" in text
    assert "warm-up" in text
    failed = "\n".join(f"{block}" for block in describe_row(row(ended(case(), "failed", CRASH))))
    assert "Segmentation fault" in failed
    nothing = replace(CRASH, traceback="")
    assert "nothing was printed" in "\n".join(
        f"{block}" for block in describe_row(row(ended(case(), "failed", nothing)))
    )


def test_a_row_in_full_lists_the_first_and_the_last_of_very_many_trials() -> None:
    shown = result()
    many = tuple(replace(shown.measured_trials[0], number=number) for number in range(10_000))
    lines = [f"{block}" for block in describe_row(row(replace(shown, trials=many)))]
    assert len(lines) < 300
    assert any("and 9800 more" in line for line in lines)
    assert any("9999" in line for line in lines)


# ---- pace, inbox and runner


def test_the_bar_of_a_run_never_goes_back() -> None:
    session, pace = Session(), ProgressClock()
    assert pace.view(session, 0.0) is None
    session.begin(in_app=False)
    pace.begin(0.0)
    first = pace.view(session, 0.0)
    assert first is not None
    assert first.trials == 0
    session.progress = Progress(6, 12, 5.0, 5.0)
    pace.note_update(1.0)
    middle = pace.view(session, 2.0)
    assert middle is not None
    assert (middle.trial, middle.share, middle.left_s) == (7, 0.6, 4)
    session.progress = Progress(7, 12, 6.0, 20.0)
    later = pace.view(session, 2.0)
    assert later is not None
    assert later.share == 0.6
    assert (pace.view(session, 1e6) or middle).share < 1.0


def test_outdated_events_are_dropped_and_the_rest_keep_their_order() -> None:
    first, second = case("python"), case("numba")
    a, b = events_of(first), events_of(second)
    inbox = EventQueue()
    assert inbox.put(a[0])
    assert not inbox.put(a[1])
    for event in (*a[2:6], b[1], b[2]):
        inbox.put(event)
    assert inbox.take() == [a[0], a[5], b[2]]
    assert not inbox.waiting
    assert inbox.take() == []


def test_nothing_supersedes_another_case_or_an_end() -> None:
    a, b = events_of(case("python")), events_of(case("numba"))
    assert is_superseded(a[1], a[2])
    assert is_superseded(a[2], a[5])
    assert not is_superseded(a[1], b[2])
    assert not is_superseded(a[5], a[6])
    assert not is_superseded(a[0], a[1])


def test_an_error_of_a_run_becomes_a_message() -> None:
    class Broken(ScriptedLaboratory):
        def run(self, plan: object):  # type: ignore[no-untyped-def,override]
            raise ZeroDivisionError("by nought")
            yield

    posted: list[object] = []
    laboratory = Broken(machine())
    runner = Runner(laboratory, posted.append)
    runner.begin()
    runner.run(laboratory.plan(Selection().request()))
    assert [getattr(message, "error", None) for message in posted] == ["ZeroDivisionError: by nought"]


@pytest.mark.parametrize("when", ["made", "closed"])
def test_a_recorder_that_breaks_leaves_no_screen_that_waits_for_the_end(when: str) -> None:
    class Breaking:
        def __init__(self, request: object, tell: object) -> None:
            if when == "made":
                raise ImportError("no SQLite in this Python")

        def take(self, event: object) -> None: ...

        def close(self, reason: str = "") -> None:
            raise ImportError("no SQLite in this Python")

    laboratory, posted = ScriptedLaboratory(machine()), list[object]()
    runner = Runner(laboratory, posted.append, Breaking)
    runner.begin()
    laboratory.permit(1000)
    with suppress(ImportError):
        runner.run(laboratory.plan(Selection().request()))
    assert isinstance(posted[-1], RunEnded)


def test_a_stop_that_comes_before_the_run_still_stops_it() -> None:
    laboratory = ScriptedLaboratory(machine())
    posted: list[object] = []
    runner = Runner(laboratory, posted.append)
    plan = laboratory.plan(Selection().request())
    runner.begin()
    runner.stop()
    laboratory.permit(3)
    runner.run(plan)
    events = runner.queue.take()
    assert isinstance(events[-1], RunFinished)
    assert events[-1].stopped


def test_the_order_by_number_is_marked_only_where_it_goes_one_way() -> None:
    """The newest run comes first, its rows in their order: that is neither up nor down."""
    table = TableLayout(2)
    rows = [row(result(), number, run) for number, run in ((1, 1), (2, 1), (3, 2), (4, 2))]
    table.widen(rows)
    shown = {
        (sort, reverse): line_text(table.draw_header(DENSITIES[0], sort, reverse=reverse))
        for sort in ("number", "wall")
        for reverse in (False, True)
    }
    assert [each.number for each in sort_rows(rows, "number", reverse=False, wanted="")] == [3, 4, 1, 2]
    assert not {"▴", "▾"} & set(shown["number", False])
    assert [each.number for each in sort_rows(rows, "number", reverse=True, wanted="")] == [1, 2, 3, 4]
    assert "▴#" in shown["number", True]
    assert "wall▴" in shown["wall", False]
    assert "wall▾" in shown["wall", True]


def test_the_end_of_a_run_says_what_failed_and_what_could_not_run() -> None:
    session = Session()
    session.begin(in_app=False)
    crashed, absent = ended(case("numba"), "failed", CRASH), ended(case("numpy"), "unavailable", CRASH)
    told = {
        "Run 1 is done: 1 case in 5.0 s.": [result()],
        "Run 1 is done: 2 cases in 5.0 s, 1 failed.": [result(), crashed],
        "Run 1 is done: 4 cases in 5.0 s, 2 failed and 1 could not run.": [result(), crashed, crashed, absent],
        "Run 1 was stopped: 1 of 2 cases was measured in 5.0 s.": [result(), ended(case("numba"), "stopped", None)],
    }
    for words, results in told.items():
        assert line_text(describe_run_end(session, results, 5.0, stopped="stopped" in words)).startswith(f"{words}  ")


def test_a_baseline_that_broke_off_says_that_it_still_is_one() -> None:
    whole = replace(result(case("python", "sequential", 1)), baseline=True)
    broken = replace(ended(whole.case, "failed", CRASH), baseline=True, trials=whole.trials)
    serves = "The others are compared with what was measured before: 3 trials."
    assert serves in summarize_row(row(broken))
    assert serves not in summarize_row(row(replace(broken, trials=())))
    assert serves not in summarize_row(row(replace(broken, baseline=False)))
    assert serves not in summarize_row(row(whole))
