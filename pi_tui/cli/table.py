"""The table of results: a caption with what all rows share, then the rows, each with its sentence if it has one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pi_tui.analysis.results import Result
from pi_tui.analysis.text.cell_width import cells, padded
from pi_tui.analysis.text.formatting import (
    duration,
    human_count,
    interval_text,
    plural,
    share_text,
    speedup_text,
    spread_text,
    waiting_share,
)
from pi_tui.analysis.text.short_names import shorten_kernel_name
from pi_tui.cli.explain import explain_results, explain_scaling, has_explanation
from pi_tui.cli.terminal_text import summarize_failure, wrap_text
from pi_tui.storage.run_record import RunRecord

_GAP = "  "
_INDENT = "    "


@dataclass(frozen=True, slots=True)
class _Column:
    """One column.

    Attributes:
        title: its heading.
        cell: returns a result's text.
        phrase: the form in which a value that all rows share is put into the caption; "" for a column that stays.
        left: whether it is aligned to the left.
        rank: columns with the highest rank are left out first if the table is too wide; those with 0 never are.
    """

    title: str
    cell: Callable[[Result], str]
    phrase: str = ""
    left: bool = False
    rank: int = 0


_COLUMNS = (
    _Column("kernel", lambda result: shorten_kernel_name(result.case.kernel), left=True),
    _Column("mode", lambda result: result.case.mode, left=True),
    _Column("start", lambda result: result.case.start_method or "", "{}", left=True),
    _Column("transport", lambda result: result.case.transport or "", "results by {}", left=True),
    _Column("python", lambda result: result.case.python, "Python {}", left=True),
    _Column("GIL", lambda result: _format_gil(result.gil_enabled), "GIL {}", left=True),
    _Column("workers", lambda result: f"{result.case.workers}", "{} workers"),
    _Column("tasks", lambda result: f"{result.case.tasks}", "{} tasks"),
    _Column("samples", lambda result: human_count(result.case.samples, " "), "{} samples"),
    _Column("wall", lambda result: _format_wall(result), left=True),
    _Column("speed-up", lambda result: _format_speedup(result)),
    _Column("95% interval", lambda result: _format_interval(result), rank=3),
    _Column("waiting", lambda result: _format_waiting(result), rank=1),
    _Column("π", lambda result: _format_number(result.estimate, ".4f"), rank=2),
    _Column("|z|", lambda result: _format_number(result.z and abs(result.z), ".1f"), rank=4),
)


def format_table(run: RunRecord, width: int, *, explain: bool = False) -> str:
    """Format the results of a run, in at most `width` columns if possible.

    `explain` adds the explanation of the losses below the table and omits from the table the sentences repeated there.
    """
    if not run.results:
        return "no results\n"
    shown_columns = [column for column in _COLUMNS if _is_shown(column, run.results)]
    shown = _fit_columns(shown_columns, run.results, width)
    sizes = [_measure_column(column, run.results) for column in shown]
    lines = [
        *wrap_text(_format_caption(run, shown_columns), width),
        "",
        _format_line(shown, sizes, [column.title for column in shown]),
    ]
    for result in run.results:
        lines.append(_format_line(shown, sizes, [column.cell(result) for column in shown]))
        explained_below = explain and has_explanation(result) and result.status == "ok"
        lines.extend([] if explained_below else wrap_text(_choose_sentence(result), width, _INDENT))
    return "\n".join(lines) + "\n" + ("\n" + format_explanation(run, width) if explain else "")


def format_explanation(run: RunRecord, width: int) -> str:
    """Format the explanation of the losses, result by result, and of the scaling."""
    where = explain_results([(_name_result(result, run.results), result) for result in run.results], width)
    how = explain_scaling(run.results, run.machine.usable_cores, width)
    return where + "".join(f"{line}\n" for line in how)


def _name_result(result: Result, results: Sequence[Result]) -> str:
    """Name a result by the values in which it differs from the others."""
    parts = [shorten_kernel_name(result.case.kernel), result.case.mode]
    for column in _COLUMNS:
        if column.title == "workers" or (column.phrase and _is_shown(column, results)):
            value = column.cell(result)
            parts += [_make_singular(column.phrase.format(value))] if value else []
    return " · ".join(parts)


def _format_caption(run: RunRecord, shown_columns: Sequence[_Column]) -> str:
    """Return what all rows share, as phrases."""
    phrases = []
    for column in _COLUMNS:
        if column in shown_columns or not column.phrase:
            continue
        value = _distinct_cells(column, run.results)[0]
        if value and not (column.title == "tasks" and _has_one_task_per_worker(run.results)):
            phrases.append(column.phrase.format(value))
    first = run.results[0]
    each = "in all" if any(result.case.split for result in run.results) else "per task"
    phrases = [f"{phrase} {each}" if phrase.endswith(" samples") else phrase for phrase in phrases]
    if any(column.title == "samples" for column in shown_columns):
        phrases.append(f"samples {each}")
    return " · ".join([*map(_make_singular, phrases), _format_repeats(run.results), f"seed {first.seed}"])


def _format_repeats(results: Sequence[Result]) -> str:
    """Return the number of repeats: a range if cases were repeated until they were stable."""
    counts = sorted({result.repeat for result in results})
    return plural(counts[0], "repeat") if len(counts) == 1 else f"{counts[0]} to {counts[-1]} repeats"


def _make_singular(phrase: str) -> str:
    """Return the phrase with a singular noun if its number is 1: "1 worker" for "1 workers"."""
    number, _, noun = phrase.partition(" ")
    return f"1 {noun.removesuffix('s')}" if number == "1" and not noun[:1].isdigit() else phrase


def _is_shown(column: _Column, results: Sequence[Result]) -> bool:
    """Return whether a column is part of the table: its values differ between rows, or it always stays."""
    if not column.phrase:
        return not column.rank or any(column.cell(result) for result in results)
    return len(_distinct_cells(column, results)) > 1 and not (
        column.title == "tasks" and _has_one_task_per_worker(results)
    )


def _has_one_task_per_worker(results: Sequence[Result]) -> bool:
    """Return whether every result has one task per worker, the default."""
    return all(result.case.tasks == result.case.workers for result in results)


def _distinct_cells(column: _Column, results: Sequence[Result]) -> tuple[str, ...]:
    """Return the distinct cells of a column; an empty cell (a setting that a case lacks) does not count."""
    different = dict.fromkeys(column.cell(result) for result in results)
    return tuple(cell for cell in different if cell) or ("",)


def _fit_columns(columns: list[_Column], results: Sequence[Result], width: int) -> list[_Column]:
    shown = list(columns)
    for rank in range(max(column.rank for column in columns), 0, -1):
        if sum(_measure_column(column, results) + len(_GAP) for column in shown) - len(_GAP) <= width:
            break
        shown = [column for column in shown if column.rank != rank]
    return shown


def _measure_column(column: _Column, results: Sequence[Result]) -> int:
    return max(cells(column.title), *(cells(column.cell(result)) for result in results))


def _format_line(columns: Sequence[_Column], sizes: Sequence[int], row: Sequence[str]) -> str:
    parts = [padded(cell, size, right=not column.left) for column, size, cell in zip(columns, sizes, row, strict=True)]
    return _GAP.join(parts).rstrip()


def _format_gil(enabled: bool | None) -> str:
    return "" if enabled is None else "on" if enabled else "off"


def _format_wall(result: Result) -> str:
    """Format the median with three significant digits, and its spread with the same decimals, units aligned."""
    wall = result.wall_s
    return result.status if wall is None else f"{duration(wall.median)} {spread_text(wall.median, wall.mad)}"


def _format_speedup(result: Result) -> str:
    if result.baseline:
        return "baseline"
    return "" if result.speedup is None else speedup_text(result.speedup)


def _format_interval(result: Result) -> str:
    """Format the 95% confidence interval of the speed-up."""
    interval = result.speedup_interval
    return "" if interval is None else interval_text(interval)


def _format_waiting(result: Result) -> str:
    """Format the share of the kernels' time in which workers were blocked."""
    share = waiting_share(result)
    return "" if share is None else share_text(share)


def _format_number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def _choose_sentence(result: Result) -> str:
    """Return the sentence below a row: why it has no figures, else its first advice; "" if there is none."""
    if result.error is not None:
        return summarize_failure(result.status, result.error)
    if result.status != "ok" and result.wall_s is not None:
        return f"{result.status} after {len(result.measured_trials)} of {result.repeat} repeats"
    return result.advice[0].sentence if result.advice else ""
