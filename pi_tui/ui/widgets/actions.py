"""The registry of actions: the `BINDINGS` of apps, screens and widgets, read for the command palette and the help.

A binding with a tooltip is documented: the palette offers it and the key tables list it. `show` only decides whether the
last line of the screen offers its key as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Protocol, runtime_checkable

from textual.actions import parse
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.keys import format_key
from textual.widget import Widget

_KEY_NAMES = {
    "enter": "Enter",
    "space": "Space",
    "escape": "Esc",
    "tab": "Tab",
    "f1": "F1",
    "shift": "Shift",
    "ctrl": "Ctrl",
    "equals_sign": "=",
}
"""The names of keys where Textual's are not those of keyboards."""

Node = App[None] | Widget


@runtime_checkable
class HasCommands(Protocol):
    """A screen that lists its own commands."""

    def commands(self) -> Iterator[SystemCommand]:
        """Yield the commands that apply now."""


def list_actions(bindings: Iterable[BindingType]) -> list[Binding]:
    """Return the documented bindings: those that have a tooltip."""
    return [each for each in bindings if isinstance(each, Binding) and each.tooltip]


def list_commands(node: Node, bindings: Iterable[BindingType], prefix: str = "") -> Iterator[SystemCommand]:
    """Yield the documented actions of a node that apply now; `prefix` says where, in words."""
    for binding in list_actions(bindings):
        if applies(node, binding.action):
            title = f"{prefix}{binding.description}" if prefix else _capitalize(binding.description)
            words = f"{binding.tooltip} ({name_key(binding.key.split(',')[0])})"
            yield SystemCommand(title, words, partial(node.run_action, binding.action))


def applies(node: Node, action: str) -> bool:
    """Return whether an action of a node can be run now."""
    namespace, name, parameters = parse(action)
    owner = node.app if namespace == "app" else node.screen if namespace == "screen" else node
    return bool(owner.check_action(name, parameters))


def name_key(key: str) -> str:
    """Return a key as a keyboard names it: `Shift+Tab` for Textual's `shift+tab`."""
    *modifiers, last = [_KEY_NAMES.get(part) or format_key(part) for part in key.split("+")]
    return "+".join([*modifiers, last.upper() if modifiers and len(last) == 1 else last])


def _capitalize(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"
