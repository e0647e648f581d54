"""Charts as SVG or PNG files for a slide or a report; the extension of the file decides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from pi_tui import __version__
from pi_tui.analysis.text.formatting import plural
from pi_tui.charts.chart import Chart
from pi_tui.charts.palette import Ground
from pi_tui.charts.png import RESVG_MISSING, render_png
from pi_tui.charts.svg import render_svg
from pi_tui.engine.errors import UsageError
from pi_tui.storage.export.files import write_file
from pi_tui.storage.run_record import RunRecord

SUFFIXES = (".svg", ".png")


def check_chart_path(path: Path) -> None:
    """Check that a file's extension is one of `SUFFIXES`, and that charts can be written as such here.

    Raises:
        UsageError: the extension is another one, or PNG needs a library that is not installed.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(f"{path.name!r} has an unknown extension; use {' or '.join(SUFFIXES)}")
    if suffix == ".png":
        try:
            import resvg_py  # noqa: F401
        except ImportError:
            raise UsageError(RESVG_MISSING) from None


def render_charts(charts: Sequence[Chart], path: Path, caption: str, ground: Ground = "light") -> bytes:
    """Render the charts as SVG or PNG, depending on the file's extension.

    Raises:
        UsageError: as for `check_chart_path`.
    """
    check_chart_path(path)
    svg = render_svg(charts, caption=caption, ground=ground)
    return render_png(svg) if path.suffix.lower() == ".png" else svg.encode()


def save_charts(
    charts: Sequence[Chart], path: Path, caption: str, ground: Ground = "light", *, overwrite: bool
) -> None:
    """Write the charts to a file.

    Raises:
        UsageError: as for `check_chart_path`.
        LogError: the file exists and `overwrite` is false, or it cannot be written.
    """
    write_file(render_charts(charts, path, caption, ground), path, overwrite=overwrite)


def make_caption(run: RunRecord) -> str:
    """Describe how a chart's figures were obtained: machine, interpreters, repeats, date, and pi-tui's version."""
    machine = run.machine
    cores = plural(machine.logical_cores, "core")
    if machine.usable_cores != machine.logical_cores:
        cores += f", {machine.usable_cores} usable"
    pythons = dict.fromkeys(result.case.python for result in run.results)
    interpreters = [f"{each.implementation} {each.id}" for each in run.interpreters if each.id in pythons]
    repeats = sorted({result.repeat for result in run.results})
    times = [trial.started_at for result in run.results for trial in result.trials]
    parts = [machine.processor, cores, machine.system, *(interpreters or [f"Python {each}" for each in pythons])]
    if repeats:
        span = f"{repeats[0]}" if len(repeats) == 1 else f"{repeats[0]} to {repeats[-1]}"
        parts.append(f"median of {span} repeats" if repeats[-1] > 1 else "one trial each")
        if repeats[-1] >= 5:
            parts.append("bars are 95% intervals")
    if times:
        parts.append(f"{datetime.fromtimestamp(min(times)):%Y-%m-%d %H:%M}")
    parts.append(f"pi-tui {__version__}")
    return " · ".join(part for part in parts if part)
