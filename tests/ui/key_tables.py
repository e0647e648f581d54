"""The key tables of the manual, made from the bindings of all screens and widgets.

`python -m tests.ui.key_tables` writes them into the manual's page; a test compares the page with them.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

from textual.binding import Binding
from textual.dom import DOMNode

import pi_tui.manual
import pi_tui.ui
from pi_tui.ui.widgets.actions import list_actions, name_key

PAGE = Path(pi_tui.manual.__file__).with_name("keys.md")
BEGIN, END = "<!-- made by python -m tests.ui.key_tables -->", "<!-- end -->"

SECTIONS = (
    ("In the laboratory", ("ui.app", "ui.bench.screen")),
    ("In Kernel, Mode, Samples and Workers", ("ui.widgets.checklist", "ui.bench.setup")),
    ("In Run", ("ui.bench.panes.run",)),
    ("In the lanes", ("ui.bench.panes.lanes",)),
    ("In the results and other tables", ("ui.widgets.virtual_table",)),
    ("In Scaling", ("ui.bench.panes.scaling",)),
    ("In the history", ("ui.history.tables", "ui.history.screen", "ui.history.run_list_screen")),
    ("In the list of Pythons", ("ui.dialogs.interpreters",)),
    ("In a watch", ("ui.watch.screen",)),
    ("In this manual", ("ui.dialogs.help",)),
    ("In a line to type in", ("ui.widgets.prompt",)),
)
"""Titles, and the modules whose bindings stand below them."""


def classes_with_bindings() -> Iterator[type[DOMNode]]:
    """Return every class of the screen that has bindings of its own."""
    for found in pkgutil.walk_packages(pi_tui.ui.__path__, "pi_tui.ui."):
        module = importlib.import_module(found.name)
        for value in vars(module).values():
            if isinstance(value, type) and value.__module__ == found.name and "BINDINGS" in vars(value):
                yield value


def explained_bindings(module: str) -> list[Binding]:
    """Return the bindings of a module that say what they do; the others move a cursor or repeat another one."""
    return [
        binding
        for each in classes_with_bindings()
        if each.__module__ == f"pi_tui.{module}"
        for binding in list_actions(vars(each)["BINDINGS"])
    ]


def make_tables() -> str:
    """Return all tables as Markdown."""
    parts = []
    for title, modules in SECTIONS:
        bindings = {binding.key: binding for module in modules for binding in explained_bindings(module)}
        rows = [
            f"| {keys_of(binding)} | {str(binding.tooltip).replace('|', chr(92) + '|')} |"
            for binding in bindings.values()
        ]
        if rows:
            parts.append("\n".join([f"## {title}", "", "| key | does |", "|---|---|", *rows]))
    return "\n\n".join(parts)


def keys_of(binding: Binding) -> str:
    """Return the keys of a binding as a person reads them."""
    keys = [name_key(key) for key in binding.key.split(",")]
    return ", ".join(f"`{key}`" for key in keys)


def with_tables(page: str) -> str:
    """Return the page with the tables in their place."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{make_tables()}\n\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
