"""`--plot`: draw the charts of a run below its table or as pictures."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from pi_tui.analysis.text.cell_width import cells
from pi_tui.analysis.text.strip_escapes import strip_escapes
from pi_tui.cli import terminal_text
from pi_tui.cli.stdio import write_text
from pi_tui.engine.errors import LogError, UsageError
from pi_tui.storage.export.files import check_writable

if TYPE_CHECKING:
    from pi_tui.charts.chart import Chart
    from pi_tui.charts.glyphs import Glyphs
    from pi_tui.charts.scaling_study import ChartKind
    from pi_tui.storage.run_record import RunRecord

IN_TEXT = "-"
"""The value of `--plot` without a file: draw below the table."""

_CHART_LINES, _MAX_CHART_LINES, _MAX_CHART_COLUMNS = 18, 40, 110
_LINES_PER_LEGEND_LINE = 5
"""A chart's legend takes at most this part of its lines, so a chart of many series is drawn higher."""
_COLOURS: dict[str, dict[str, object]] = {
    "axis": {"dim": True},
    "grid": {"dim": True},
    "quiet": {"dim": True},
    "mark": {"bold": True},
    "tint-0": {"dim": True},
    **{
        f"{role}-{number}": {"fg": colour, "dim": role == "band"}
        for role in ("tint", "band")
        for number, colour in enumerate(
            ("blue", "yellow", "magenta", "cyan", "bright_magenta", "green", "red", "white"), 1
        )
    },
}
"""The style of each role of a chart's cells, in the sixteen colours of every terminal."""


class ChartOutput:
    """The charts that the options ask for.

    Args:
        values: the values of `--plot`: `IN_TEXT` or a file's name.
        what_if: the number of workers to predict the speed-up for; None for no prediction.

    Raises:
        UsageError: a file has an unknown extension or cannot be written.
    """

    def __init__(self, values: Sequence[str], what_if: int | None = None) -> None:
        self.in_text = IN_TEXT in values or (not values and what_if is not None)
        self.files = tuple(dict.fromkeys(Path(name) for name in values if name != IN_TEXT))
        self._what_if = what_if
        for path in self.files:
            _check_path(path)

    def render_text(self, run: RunRecord, columns: int, stream: TextIO | None) -> str:
        """Draw the charts in at most `columns` columns, in the encoding and colours of `stream`; None is a file in UTF-8."""
        from pi_tui.charts.glyphs import choose_glyphs

        glyphs = choose_glyphs("utf-8" if stream is None else stream.encoding)
        colours = stream is not None and stream.isatty() and not os.environ.get("NO_COLOR")
        columns = min(columns, _MAX_CHART_COLUMNS)
        charts = self._build_charts(run)
        if not charts:
            return "\n".join(terminal_text.wrap_text(explain_missing_charts(), columns)) + "\n"
        return "\n".join(_render_chart(chart, columns, glyphs, colours=colours) for chart in charts)

    def save(self, run: RunRecord) -> None:
        """Write the pictures.

        Raises:
            LogError: the run has no chart, or a picture cannot be written.
        """
        if not self.files:
            return
        charts = self._build_charts(run)
        if not charts:
            raise LogError(f"{self.files[0]} is not written: {explain_missing_charts()}")
        from pi_tui.storage.export.chart_files import make_caption, save_charts

        for path in self.files:
            save_charts(charts, path, make_caption(run), overwrite=True)

    def _build_charts(self, run: RunRecord) -> list[Chart]:
        from pi_tui.charts.scaling_charts import ChartOptions, build_chart
        from pi_tui.charts.scaling_study import build_study
        from pi_tui.cli.explain import MORE_WORKERS_HINT

        study = build_study(run.results, run.machine.usable_cores)
        look = ChartOptions(predict_to=self._what_if, more_counts=MORE_WORKERS_HINT)
        return [build_chart(study, kind, look) for kind in study.kinds]


def explain_missing_charts() -> str:
    """Return a sentence that says what a run must vary to have a chart."""
    from pi_tui.charts.scaling_study import CHART_KINDS, CHART_NEEDS, CHART_OPTIONS

    def needed(kind: ChartKind) -> str:
        return f"{CHART_NEEDS[kind]} ({CHART_OPTIONS[kind]})"

    first, second, third = map(needed, CHART_KINDS)
    return f"this run has no chart; a chart needs {first}, {second}, or {third}."


def _check_path(path: Path) -> None:
    from pi_tui.storage.export.chart_files import SUFFIXES, check_chart_path

    if not path.suffix:
        raise UsageError(
            f"--plot {path}: unknown extension; use {' or '.join(SUFFIXES)} (--plot without a file goes after the kernels)"
        )
    check_chart_path(path)
    try:
        check_writable(path, overwrite=True)
    except LogError as error:
        raise UsageError(str(error)) from error


def _render_chart(chart: Chart, columns: int, glyphs: Glyphs, *, colours: bool) -> str:
    """Draw one chart with its title above and its notes below."""
    from pi_tui.charts.terminal import draw_chart, group_cells

    lines = ["", strip_escapes(glyphs.transliterate(chart.title)), ""]
    for row in draw_chart(chart, columns, _choose_lines(chart, columns), glyphs):
        if colours:
            styled = (click.style(strip_escapes(run.text), **_COLOURS.get(run.role, {})) for run in group_cells(row))  # type: ignore[arg-type]
            lines.append("".join(styled))
        else:
            lines.append(strip_escapes("".join(cell.char for cell in row)).rstrip())
    for note in chart.notes:
        lines += ["", *terminal_text.wrap_text(strip_escapes(glyphs.transliterate(note)), columns)]
    return "\n".join(lines) + "\n"


def _choose_lines(chart: Chart, columns: int) -> int:
    """Return the lines of a chart, so that its legend has room for every series if possible."""
    legend = 1 + -(-sum(cells(series.name) + 4 for series in chart.series) // columns)
    return min(_MAX_CHART_LINES, max(_CHART_LINES, _LINES_PER_LEGEND_LINE * legend))


def print_charts_to_stderr(charts: ChartOutput, run: RunRecord) -> None:
    """Draw the charts on standard error, for a run whose data are on standard output."""
    write_text(charts.render_text(run, terminal_text.get_terminal_width(), sys.stderr), sys.stderr)
