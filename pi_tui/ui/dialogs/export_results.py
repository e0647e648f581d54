"""The dialog that writes the results to a file."""

from __future__ import annotations

from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input, Static

from pi_tui.analysis.text.formatting import plural
from pi_tui.engine.errors import UsageError
from pi_tui.storage.export.formats import FORMATS, Format, get_format, get_suffix, replace_suffix, write_run
from pi_tui.storage.run_record import RunRecord
from pi_tui.ui.dialogs.file_dialog import FileDialog, label_field
from pi_tui.ui.state.ports import Ports
from pi_tui.ui.widgets.option_bar import OptionBar

_NAMES: dict[str, str] = {
    "json": "everything, trials and ledgers included",
    "jsonl": "the same, one result per line",
    "csv": "one row per result, for a spreadsheet",
    "md": "one row per result, for a text",
    "html": "a report with bars and charts, in one file",
    "pyperf": "wall times, for python -m pyperf",
}
_FIRST: Format = "json"


class ExportDialog(FileDialog):
    """Asks for format and path of the results; the path's extension follows the format, and vice versa."""

    def __init__(self, record: RunRecord, ports: Ports, of: int | None = None) -> None:
        """Ask where to write the results of `record`, in its order; `of` counts all results, where these are a part."""
        count = plural(len(record.results), "result")
        name = f"pi-tui-{ports.now():%Y%m%d-%H%M%S}{get_suffix(_FIRST)}"
        super().__init__(ports, f"Export {count}" + (f" of {of}" if of else ""), name)
        self._record = record
        self._format: Format = _FIRST

    def choices(self) -> ComposeResult:
        """Yield the format, and what it is for."""
        yield label_field("Format", OptionBar(FORMATS, self._format))
        yield Static(_NAMES[self._format], id="export-about")

    def save(self, path: Path, *, overwrite: bool) -> None:
        """Write the results."""
        write_run(self._record, self._format, path, overwrite=overwrite)

    @property
    def saved(self) -> str:
        """The title of the notice: how many results were written."""
        return f"{plural(len(self._record.results), 'result')} written"

    @on(OptionBar.Chosen)
    def _chosen(self, event: OptionBar.Chosen) -> None:
        """Let the path's extension follow the format."""
        field = self.query_one(Input)
        self._format = next(format for format in FORMATS if format == event.choice)
        if field.value and _guess_format(Path(field.value.strip())) not in (None, self._format):
            field.value = str(replace_suffix(Path(field.value), self._format))
        self.query_one("#export-about", Static).update(_NAMES[event.choice])

    def path_typed(self, path: Path) -> None:
        """Let the format follow the path's extension, as on the command line."""
        typed = _guess_format(path)
        if typed not in (None, self._format):
            self.query_one(OptionBar).action_choose(typed)


def _guess_format(path: Path) -> Format | None:
    """Return the format that a path's extension stands for; None where there is none."""
    try:
        return get_format(path)
    except UsageError:
        return None
