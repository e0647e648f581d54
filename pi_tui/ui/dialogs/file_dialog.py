"""The base of the dialogs that write a file: a path, a question before an existing file is replaced, and errors."""

from __future__ import annotations

import asyncio
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from pi_tui.engine.errors import PiTuiError
from pi_tui.ui.dialogs.base import Dialog
from pi_tui.ui.drawing.spans import escape_markup
from pi_tui.ui.widgets.dialog_box import DialogBox
from pi_tui.ui.widgets.option_bar import OptionBar

if TYPE_CHECKING:
    from pi_tui.ui.state.ports import Ports


class FileDialog(Dialog[Path]):
    """Asks for options and a path. An error is shown in the dialog, which stays open with everything typed.

    Args:
        ports: the folder that relative paths start from.
        heading: the title of the box.
        name: the file's name at first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "write", "write", show=False)]

    def __init__(self, ports: Ports, heading: str, name: str) -> None:
        super().__init__()
        self._folder = ports.folder
        self._heading, self._file_name = heading, name
        self._asked: Path | None = None
        self._writing = False

    # ---- what a subclass provides

    def choices(self) -> ComposeResult:
        """Yield the options besides the path."""
        raise NotImplementedError

    def path_typed(self, path: Path) -> None:
        """Follow a change of the path."""
        raise NotImplementedError

    def save(self, path: Path, *, overwrite: bool) -> None:
        """Write the file; called in a thread.

        Raises:
            PiTuiError, OSError, ValueError: it cannot be written.
        """
        raise NotImplementedError

    @property
    def saved(self) -> str:
        """The title of the notice after the file was written."""
        raise NotImplementedError

    # ---- the dialog

    def compose(self) -> ComposeResult:
        """Yield the options, the path, the error and two buttons."""
        with DialogBox(classes="dialog-box") as box:
            box.border_title = escape_markup(self._heading)
            box.set_border_keys("Enter writes", "Tab moves", "Escape cancels")
            yield from self.choices()
            yield label_field("File", Input(self._file_name, id="export-path", compact=True, select_on_focus=False))
            yield Static(f"in {self._folder}, unless a path is given", id="export-where", markup=False)
            yield Static("", id="export-said", markup=False)
            with Horizontal(id="export-buttons", classes="dialog-buttons"):
                yield Button("Write", id="write", compact=True, variant="primary")
                yield Button("Cancel", id="cancel", compact=True)

    def on_mount(self) -> None:
        """Give the path the focus: it is what is changed most often."""
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _path_changed(self, event: Input.Changed) -> None:
        self._asked = None
        self._say("")
        self.path_typed(Path(event.value.strip()))

    @on(Input.Submitted)
    @on(OptionBar.Submitted)
    def _submitted(self) -> None:
        self.action_write()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "write":
            self.action_write()
        else:
            self.action_leave()

    def action_write(self) -> None:
        """Write the file; replace an existing one only when asked a second time."""
        text = self.query_one(Input).value.strip()
        if self._writing:
            return
        if not text:
            self._say("Which file? A path is missing.")
            return
        path = Path(text).expanduser()
        path = path if path.is_absolute() else self._folder / path
        if (
            os.path.isfile(path) and self._asked != path
        ):  # unlike `Path.is_file`, false for a folder that may not be read
            self._asked = path
            self.query_one("#write", Button).label = "Overwrite"
            self._say(f"{path.name} is there already. Enter (or Overwrite) once more replaces it.")
            return
        self._writing = True
        self.run_worker(self._write(path), group="write")

    async def _write(self, path: Path) -> None:
        try:
            await asyncio.to_thread(partial(self.save, path, overwrite=self._asked == path))
        except (PiTuiError, OSError, ValueError) as error:
            self._say(f"{error}")
        else:
            self.notify(str(path), title=self.saved)
            self.dismiss(path)
        finally:
            self._writing = False

    def _say(self, text: str) -> None:
        self.query_one("#export-said", Static).update(text)
        if not text:
            self.query_one("#write", Button).label = "Write"


def label_field(label: str, field: Widget) -> Horizontal:
    """Return a field with its label before it."""
    return Horizontal(Static(label, classes="export-label"), field, classes="export-row")
