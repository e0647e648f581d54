"""The dialog that writes the results to a file."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Static

from pi_tui.analysis.figures import plural
from pi_tui.engine.errors import PiTuiError, UsageError
from pi_tui.log.export import FORMATS, Format, format_of, suffix_of, with_suffix, write
from pi_tui.log.record import RunRecord
from pi_tui.ui.protocols import Outside
from pi_tui.ui.screens.dialog import Dialog
from pi_tui.ui.widgets.choice_line import ChoiceLine

_NAMES = {
    "json": "everything, trials and ledgers included",
    "jsonl": "the same, one result a line",
    "csv": "one row a result, for a spreadsheet",
    "md": "one row a result, for a text",
    "html": "a report with bars and charts, in one file",
    "pyperf": "wall times, for python -m pyperf",
}


class ExportScreen(Dialog[Path]):
    """Format and path; an existing file is asked about, and what goes wrong is said here, with nothing lost."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "write", "write", show=False)]

    def __init__(self, record: RunRecord, outside: Outside, of: int | None = None) -> None:
        """Of so many results, those in `record` are to be written, in its order; None where that is all."""
        super().__init__()
        self._record = record
        self._of = of
        self._folder = outside.folder
        self._stem = f"pi-tui-{outside.now():%Y%m%d-%H%M%S}"
        self._format: Format = "json"
        self._asked: Path | None = None

    def compose(self) -> ComposeResult:
        """Format, path, what went wrong, and two buttons."""
        with Vertical(classes="dialog-box") as box:
            count = len(self._record.results)
            box.border_title = f"Export {plural(count, 'result')}" + (f" of {self._of}" if self._of else "")
            box.border_subtitle = "Tab moves · Enter writes · Escape leaves"
            with Horizontal(classes="export-row"):
                yield Static("Format", classes="export-label")
                yield ChoiceLine(FORMATS, self._format)
            yield Static(_NAMES[self._format], id="export-about")
            with Horizontal(classes="export-row"):
                yield Static("File", classes="export-label")
                yield Input(self._default(self._format), id="export-path", compact=True, select_on_focus=False)
            yield Static(f"in {self._folder}, unless a path is given", id="export-where", markup=False)
            yield Static("", id="export-said", markup=False)
            with Horizontal(id="export-buttons", classes="dialog-buttons"):
                yield Button("Write", id="write", compact=True, variant="primary")
                yield Button("Leave", id="leave", compact=True)

    def on_mount(self) -> None:
        """The path is what is most often changed."""
        self.query_one(Input).focus()

    def _default(self, format: Format) -> str:
        return f"{self._stem}{suffix_of(format)}"

    @on(ChoiceLine.Chosen)
    def _chosen(self, event: ChoiceLine.Chosen) -> None:
        """The suffix of the path goes with the format."""
        field = self.query_one(Input)
        self._format = next(format for format in FORMATS if format == event.choice)
        if field.value and self._typed(field.value) not in (None, self._format):
            field.value = str(with_suffix(Path(field.value), self._format))
        self.query_one("#export-about", Static).update(_NAMES[event.choice])

    @on(Input.Changed)
    def _path_changed(self, event: Input.Changed) -> None:
        """The format goes with the suffix, as it does on the command line."""
        self._asked = None
        self._say("")
        typed = self._typed(event.value)
        if typed not in (None, self._format):
            self.query_one(ChoiceLine).action_choose(typed)

    def _typed(self, value: str) -> Format | None:
        """The format that a path's suffix stands for."""
        try:
            return format_of(Path(value.strip()))
        except UsageError:
            return None

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.action_write()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "write":
            self.action_write()
        else:
            self.action_leave()

    def action_write(self) -> None:
        """Write the file; over an existing one only when asked a second time."""
        text = self.query_one(Input).value.strip()
        if not text:
            self._say("Which file? A path is missing.")
            return
        path = Path(text).expanduser()
        path = path if path.is_absolute() else self._folder / path
        if path.is_file() and self._asked != path:
            self._asked = path
            self.query_one("#write", Button).label = "Overwrite"
            self._say(f"{path.name} is there already. Enter (or Overwrite) once more replaces it.")
            return
        try:
            write(self._record, self._format, path, overwrite=self._asked == path)
        except (PiTuiError, OSError, ValueError) as error:
            self._say(f"{error}")
        else:
            self.notify(str(path), title=f"{plural(len(self._record.results), 'result')} written")
            self.dismiss(path)

    def _say(self, text: str) -> None:
        self.query_one("#export-said", Static).update(text)
        if not text:
            self.query_one("#write", Button).label = "Write"
