"""The dialog that saves a chart as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from pi_tui.charts.chart import Chart
from pi_tui.charts.palette import PALETTES, Ground
from pi_tui.storage.export.chart_files import SUFFIXES, make_caption, save_charts
from pi_tui.storage.run_record import RunRecord
from pi_tui.ui.dialogs.file_dialog import FileDialog, label_field
from pi_tui.ui.widgets.option_bar import OptionBar

if TYPE_CHECKING:
    from pi_tui.ui.state.ports import Ports

_KINDS = tuple(suffix.removeprefix(".") for suffix in SUFFIXES)
_GROUNDS = tuple(PALETTES)


class ChartExportDialog(FileDialog):
    """Asks for format, background and path of the picture; the path's extension follows the format, and vice versa."""

    def __init__(self, chart: Chart, record: RunRecord, ports: Ports, ground: Ground) -> None:
        name = f"pi-tui-scaling-{ports.now():%Y%m%d-%H%M%S}{SUFFIXES[0]}"
        super().__init__(ports, f"Save: {chart.title}", name)
        self._chart = chart
        self._caption = make_caption(record)
        self._ground = ground

    def choices(self) -> ComposeResult:
        """Yield the format and the background of the picture."""
        yield label_field("Picture", OptionBar(_KINDS, _KINDS[0]))
        yield label_field("Ground", OptionBar(_GROUNDS, self._ground))

    def save(self, path: Path, *, overwrite: bool) -> None:
        """Write the picture."""
        save_charts([self._chart], path, self._caption, self._ground, overwrite=overwrite)

    @property
    def saved(self) -> str:
        """The title of the notice."""
        return "Chart saved"

    @on(OptionBar.Chosen)
    def _chosen(self, event: OptionBar.Chosen) -> None:
        """Let the path's extension follow the format."""
        if event.choice in PALETTES:
            self._ground = next(ground for ground in PALETTES if ground == event.choice)
            return
        field = self.query_one(Input)
        path = Path(field.value)
        if path.suffix.lower() in SUFFIXES and path.suffix.lower() != f".{event.choice}":
            field.value = str(path.with_suffix(f".{event.choice}"))

    def path_typed(self, path: Path) -> None:
        """Let the format follow the path's extension."""
        kind = path.suffix.lower().removeprefix(".")
        if kind in _KINDS:
            self.query(OptionBar).first().action_choose(kind)
