"""The README names every command, every option and every field of the results."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from calling import Call

from pi_tui.cli.entry_point import command

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
CODE = " ".join(re.findall(r"`[^`]+`|```.+?```|^    .+$", README, re.DOTALL | re.MULTILINE))


def commands(of: click.Command, words: str) -> Iterator[tuple[str, click.Command]]:
    yield words, of
    if isinstance(of, click.Group):
        context = click.Context(of)
        for name in of.list_commands(context):
            below = of.get_command(context, name)
            assert below is not None
            yield from commands(below, f"{words} {name}")


ALL = dict(commands(command, "pi-tui"))


@pytest.mark.parametrize("words", ALL)
def test_every_command_is_named(words: str) -> None:
    name = words.rpartition(" ")[2]
    assert words in README or f"`{name} " in README, words


@pytest.mark.parametrize("words", ALL)
def test_every_option_is_named(words: str) -> None:
    longest = {max(each.opts, key=len) for each in ALL[words].params if isinstance(each, click.Option)}
    missing = {option for option in longest - {"--help"} if not re.search(rf"{option}(?![\w-])", README)}
    assert not missing


def test_every_option_of_run_is_in_its_table() -> None:
    table = README.partition("| option of `run` |")[2].partition("\n\n")[0]
    for each in ALL["pi-tui run"].params:
        for option in each.opts if isinstance(each, click.Option) else ():
            assert f"`{option}" in table, option


def names(value: Any) -> Iterator[str]:
    """All fields in a value of JSON, but for those of what is keyed by names that are no fields."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from () if name in ("evidence", "packages", "interpreters") else names(inner)
    elif isinstance(value, list):
        for each in value:
            yield from names(each)


def test_every_field_of_the_results_is_named(call: Call) -> None:
    done = call(
        "run", "python", "--mode", "threads", "--samples", "1k", "--repeat", "5", "--gil", "both", "--format", "json"
    )
    found = json.loads(done.stdout)
    fields = {*names(found), *names(list(found["interpreters"].values()))}
    data = README.partition("## Results as data")[2].partition("\n## ")[0]
    assert len(fields) > 80
    assert not {name for name in fields if not re.search(rf"`{re.escape(name)}`", data)}
