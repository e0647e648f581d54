"""The dialog in which interpreters are ticked: several of them are one more dimension of a run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Button, Input, Static

from pi_tui.ui.dialogs.base import Dialog
from pi_tui.ui.drawing.checklist_row import Choice
from pi_tui.ui.widgets.checklist import Checklist
from pi_tui.ui.widgets.dialog_box import DialogBox

if TYPE_CHECKING:
    from pi_tui.analysis.results import Interpreter
    from pi_tui.engine.interpreters.interpreter_list import Survey
    from pi_tui.engine.interpreters.interpreter_probe import UnusableInterpreter


class InterpretersDialog(Dialog[tuple[str, ...]]):
    """Lists all Pythons of this machine, each to be ticked, with a line to type a path or version.

    Args:
        survey: finds them, while the dialog is open.
        own: the app's own interpreter, which is known at once; its name is "".
        chosen: the paths that are ticked at first.
        typed: names that the user typed before and that no interpreter has.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "apply", "apply", show=False),
        Binding("p", "leave", "close", show=False),
    ]

    def __init__(
        self,
        survey: Callable[[], Awaitable[Survey]],
        own: Interpreter,
        chosen: Collection[str],
        typed: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self._survey = survey
        self._own = own
        self._found: Survey | None = None
        self._typed = list(typed)
        self._ticked = {"" if path == own.path else path for path in chosen} | set(typed)

    def compose(self) -> ComposeResult:
        """Yield the list, facts about the highlighted interpreter, a line to type in, and two buttons."""
        with DialogBox(classes="dialog-box") as box:
            box.border_title = "Pythons"
            box.set_border_keys("Space ticks", "Enter applies", "Escape cancels")
            yield InterpreterChecklist()
            yield Static("", id="python-about", markup=False)
            with Horizontal(classes="export-row"):
                yield Static("Another", classes="export-label")
                yield Input(placeholder="3.14, 3.13t, ~/env/bin/python", id="python-path", compact=True)
            with Horizontal(classes="dialog-buttons"):
                yield Button("Apply", id="apply", compact=True, variant="primary")
                yield Button("Cancel", id="cancel", compact=True)

    def on_mount(self) -> None:
        """List what is known, and look for the others."""
        self._show()
        self._say("Looking for other Pythons …")
        self.query_one(InterpreterChecklist).focus()
        self.run_worker(self._look(), exit_on_error=False)

    async def _look(self) -> None:
        self._found = await self._survey()
        if self.is_attached:
            self._show()
            self.query_one(InterpreterChecklist).on_focus()  # posts the highlighted choice

    @property
    def _choices(self) -> list[Choice]:
        pythons = self._found.interpreters if self._found is not None else (self._own,)
        choices = []
        for python in pythons:
            own = python.path == self._own.path
            key = "" if own else python.path
            choices.append(make_choice(python, key, own=own, ticked=key in self._ticked))
        known = {choice.key for choice in choices}
        chosen_before = () if self._found is None else tuple(sorted(self._ticked - known - set(self._typed)))
        choices += [Choice(name, name, "as typed", name in self._ticked) for name in (*chosen_before, *self._typed)]
        return choices + (list_unusable_choices(self._found.unusable) if self._found is not None else [])

    def _show(self) -> None:
        self.query_one(InterpreterChecklist).show(self._choices)

    def _say(self, text: str) -> None:
        self.query_one("#python-about", Static).update(text)

    @on(Checklist.Highlighted)
    def _highlighted(self, event: Checklist.Highlighted) -> None:
        choice = event.choice
        if choice.reason:
            self._say(f"{choice.key} {choice.reason}.")
            return
        pythons = self._found.interpreters if self._found is not None else (self._own,)
        for python in pythons:
            if choice.key == ("" if python.path == self._own.path else python.path):
                apart = "makes subinterpreters" if python.subinterpreters else "no subinterpreters"
                self._say(f"{python.path}\n{python.implementation}, {python.build}; {apart}")

    @on(Checklist.Toggled)
    def _toggled(self, event: Checklist.Toggled) -> None:
        if event.choice.reason:
            self.notify(f"{event.choice.key} {event.choice.reason}.", title="Not usable", severity="warning")
            return
        self._ticked ^= {event.choice.key}
        self._show()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        """Add the typed names to the list; without any, close with what is ticked."""
        names = [name.strip() for name in event.value.split(",") if name.strip()]
        if not names:
            self.action_apply()
            return
        for name in names:
            if name not in self._typed:
                self._typed.append(name)
            self._ticked.add(name)
        event.input.value = ""
        self._show()
        self.query_one(InterpreterChecklist).point_at(names[-1])

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "apply":
            self.action_apply()
        else:
            self.action_leave()

    def action_apply(self) -> None:
        """Close with what is ticked, in the list's order; without any tick, with the app's own interpreter."""
        names = [choice.key for choice in self._choices if choice.ticked]
        text = self.query_one("#python-path", Input).value
        names += [name.strip() for name in text.split(",") if name.strip()]
        self.dismiss(tuple(dict.fromkeys(names)) or ("",))


class InterpreterChecklist(Checklist):
    """A checklist in which Enter closes the dialog, and left and right move the focus."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.apply", "apply", show=False),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]

    def __init__(self) -> None:
        super().__init__("Pythons")
        self.set_classes("python-list")


def make_choice(python: Interpreter, key: str, *, own: bool, ticked: bool) -> Choice:
    """Return an interpreter as a choice: its id, and what distinguishes it from others."""
    facts = [
        "this one" if own else "",
        f"free-threaded, GIL {'on' if python.gil_enabled else 'off'}" if python.free_threaded_build else "",
        *(f"{name} {version}" for name, version in python.packages.items()),
        "" if python.packages else "no numpy, no numba",
    ]
    return Choice(key, python.id, " · ".join(filter(None, facts)), ticked)


def list_unusable_choices(found: Sequence[UnusableInterpreter]) -> list[Choice]:
    """Return the interpreters that cannot be used, with the reason."""
    return [
        Choice(each.path, each.version or each.path.rpartition("/")[2], each.path, reason=each.reason) for each in found
    ]
