"""The dialog that saves a chart as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Static

from pi_tui.charts.chart import Chart
from pi_tui.charts.palette import PALETTES, Ground
from pi_tui.engine.errors import PiTuiError
from pi_tui.log.pictures import SUFFIXES, caption_of, save_picture
from pi_tui.log.record import RunRecord
from pi_tui.ui.screens.dialog import Dialog
from pi_tui.ui.widgets.choice_line import ChoiceLine

if TYPE_CHECKING:
    from pi_tui.ui.protocols import Outside

_KINDS = tuple(suffix.removeprefix(".") for suffix in SUFFIXES)
_GROUNDS = tuple(PALETTES)


class ChartExportScreen(Dialog[Path]):
    """Kind of picture, ground and path; an existing file is asked about, and what goes wrong is said here."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "write", "write", show=False)]

    def __init__(self, chart: Chart, record: RunRecord, outside: Outside, ground: Ground) -> None:
        super().__init__()
        self._chart = chart
        self._caption = caption_of(record)
        self._folder = outside.folder
        self._stem = f"pi-tui-scaling-{outside.now():%Y%m%d-%H%M%S}"
        self._ground = ground
        self._asked: Path | None = None

    def compose(self) -> ComposeResult:
        """Kind, ground, path, what went wrong, and two buttons."""
        with Vertical(classes="dialog-box") as box:
            box.border_title = f"Save: {self._chart.title}"
            box.border_subtitle = "Tab moves · Enter writes · Escape leaves"
            with Horizontal(classes="export-row"):
                yield Static("Picture", classes="export-label")
                yield ChoiceLine(_KINDS, _KINDS[0])
            with Horizontal(classes="export-row"):
                yield Static("Ground", classes="export-label")
                yield ChoiceLine(_GROUNDS, self._ground)
            with Horizontal(classes="export-row"):
                yield Static("File", classes="export-label")
                yield Input(f"{self._stem}{SUFFIXES[0]}", id="export-path", compact=True, select_on_focus=False)
            yield Static(f"in {self._folder}, unless a path is given", id="export-where", markup=False)
            yield Static("", id="export-said", markup=False)
            with Horizontal(id="export-buttons", classes="dialog-buttons"):
                yield Button("Write", id="write", compact=True, variant="primary")
                yield Button("Leave", id="leave", compact=True)

    def on_mount(self) -> None:
        """The path is what is most often changed."""
        self.query_one(Input).focus()

    @on(ChoiceLine.Chosen)
    def _chosen(self, event: ChoiceLine.Chosen) -> None:
        """The suffix of the path goes with the kind of picture."""
        if event.choice in PALETTES:
            self._ground = next(ground for ground in PALETTES if ground == event.choice)
            return
        field = self.query_one(Input)
        path = Path(field.value)
        if path.suffix.lower() in SUFFIXES and path.suffix.lower() != f".{event.choice}":
            field.value = str(path.with_suffix(f".{event.choice}"))

    @on(Input.Changed)
    def _path_changed(self, event: Input.Changed) -> None:
        """The kind of picture goes with the suffix."""
        self._asked = None
        self._say("")
        kind = Path(event.value.strip()).suffix.lower().removeprefix(".")
        if kind in _KINDS:
            self.query(ChoiceLine).first().action_choose(kind)

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
        """Write the picture; over an existing file only when asked a second time."""
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
            save_picture([self._chart], path, self._caption, self._ground, overwrite=self._asked == path)
        except (PiTuiError, OSError, ValueError) as error:
            self._say(f"{error}")
        else:
            self.notify(str(path), title="Chart saved")
            self.dismiss(path)

    def _say(self, text: str) -> None:
        self.query_one("#export-said", Static).update(text)
        if not text:
            self.query_one("#write", Button).label = "Write"
