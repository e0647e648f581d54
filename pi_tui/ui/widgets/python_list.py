"""The list of Pythons in their dialog."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from pi_tui.ui.drawing.checklist_row import Choice
from pi_tui.ui.widgets.checklist import Chooser

if TYPE_CHECKING:
    from pi_tui.analysis.results import Interpreter
    from pi_tui.engine.interpreters.interpreter_probe import Unusable


class PythonList(Chooser):
    """A chooser in which Enter takes what is ticked, and the arrows to the sides lead to what stands below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.take", "take", show=False),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]

    def __init__(self) -> None:
        super().__init__("Pythons")
        self.set_classes("python-list")


def python_choice(python: Interpreter, key: str, *, own: bool, ticked: bool) -> Choice:
    """An interpreter as a choice: its id, and what tells it from others."""
    facts = [
        "this one" if own else "",
        f"free-threaded, GIL {'on' if python.gil_enabled else 'off'}" if python.free_threaded_build else "",
        *(f"{name} {version}" for name, version in python.packages.items()),
        "" if python.packages else "no numpy, no numba",
    ]
    return Choice(key, python.id, " · ".join(filter(None, facts)), ticked)


def unusable_choices(found: Sequence[Unusable]) -> list[Choice]:
    """What cannot be measured with, with the reason."""
    return [
        Choice(each.path, each.version or each.path.rpartition("/")[2], each.path, reason=each.reason) for each in found
    ]
