"""`pi-tui pythons`: list the interpreters of this machine, their features, and those that cannot be used."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

import click

from pi_tui.analysis.text.cell_width import cells
from pi_tui.cli import terminal_text
from pi_tui.cli.progress import notice_slow_pythons
from pi_tui.host.modes.catalog import START_METHODS

if TYPE_CHECKING:
    from pi_tui.analysis.results import Interpreter
    from pi_tui.engine.interpreters.interpreter_list import Survey

_PACKAGES = ("numpy", "numba")
_METHODS_COLUMN, _PATH_COLUMN = 5, 7
"""Indices of columns."""

_EXAMPLES = """\b
Examples:
  pi-tui pythons
  pi-tui pythons --format json
  pi-tui run python --mode interpreters --python 3.14

--python accepts an ID of this list, a version (3.14, 3.13t), a path, or `all`. The search covers the active environment,
PATH, pyenv, uv, asdf, rye, conda and the system's folders. What an interpreter answers is cached until it or its packages
change."""


@click.command(epilog=_EXAMPLES)
@click.option(
    "--format", type=click.Choice(["table", "json"]), default="table", show_default=True, help="Output format."
)
def pythons(format: Literal["table", "json"]) -> None:
    """List the Python interpreters of this machine that runs can use."""
    from pi_tui.engine.interpreters.interpreter_list import survey_interpreters
    from pi_tui.engine.paths import Paths

    with notice_slow_pythons():
        found = survey_interpreters(Paths.from_environment(os.environ).cache)
    if format == "json":
        click.echo(json.dumps(_describe_interpreters(found), indent=2))
        return
    for line in _format_lines(found):
        terminal_text.print_line(line)


def _describe_interpreters(found: Survey) -> list[dict[str, Any]]:
    """Return usable and unusable interpreters in one list; an unknown field is None."""
    unknown = dict.fromkeys(asdict(found.interpreters[0]))
    usable = [
        asdict(python) | {"own": place == 0, "available": True, "reason": None}
        for place, python in enumerate(found.interpreters)
    ]
    unusable = [unknown | asdict(each) | {"own": False, "available": False} for each in found.unusable]
    return [*usable, *unusable]


def _format_lines(found: Survey) -> list[str]:
    rows = [("ID", "BUILD", "GIL", *(name.upper() for name in _PACKAGES), "START METHODS", "SUBINTERPRETERS", "PATH")]
    rows += [_format_row(python) for python in found.interpreters]
    lines = _fit_rows(rows)
    lines.append("The first is the one that runs pi-tui.")
    return lines + [f"Unusable: {each.path} {each.reason}." for each in found.unusable]


def _format_row(python: Interpreter) -> tuple[str, ...]:
    return (
        python.id,
        "free-threaded" if python.free_threaded_build else "with the GIL",
        "on" if python.gil_enabled else "off",
        *(python.packages.get(name, "-") for name in _PACKAGES),
        ", ".join(method for method in START_METHODS if method in python.start_methods),
        "yes" if python.subinterpreters else "no",
        python.path,
    )


def _fit_rows(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Format one line per interpreter, or two if the terminal is too narrow for its path."""
    room = terminal_text.get_terminal_width()
    sizes = [max(cells(row[index]) for row in rows) for index in range(len(rows[0]))]
    if sum(sizes) + 2 * (len(sizes) - 1) <= room:
        return terminal_text.align_columns(rows)
    methods = {row[_METHODS_COLUMN] for row in rows[1:]}
    omitted = {_METHODS_COLUMN, _PATH_COLUMN} if len(methods) == 1 else {_PATH_COLUMN}  # all alike: printed once, below
    lines = terminal_text.align_columns(
        [tuple(cell for index, cell in enumerate(row) if index not in omitted) for row in rows]
    )
    result = [lines[0]]
    for line, row in zip(lines[1:], rows[1:], strict=True):
        result += [line, f"    {row[_PATH_COLUMN]}"]
    return [*result, f"Start methods: {methods.pop()}."] if len(methods) == 1 else result
