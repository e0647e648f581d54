"""The manual names every command, option, field and verdict; its examples and the README's are commands that exist."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from pi_tui.analysis.advice.codes import AdviceCode
from pi_tui.cli.entry_point import command
from pi_tui.host.kernels.catalog import KERNELS
from pi_tui.host.modes.catalog import MODES, START_METHODS, TRANSPORTS
from pi_tui.manual.pages import TOPICS, read_page
from tests.cli.calling import COMMAND, Call

ROOT = Path(__file__).parents[2]
PAGES = {topic: read_page(topic) for topic in TOPICS}
MANUAL = "\n".join(PAGES.values())
EXAMPLES = "\n".join(
    [*PAGES.values(), *((ROOT / name).read_text(encoding="utf-8") for name in ("README.md",) if (ROOT / name).exists())]
)


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
    assert words in MANUAL or f"`{name} " in MANUAL, words


@pytest.mark.parametrize("words", ALL)
def test_every_option_is_named(words: str) -> None:
    longest = {max(each.opts, key=len) for each in ALL[words].params if isinstance(each, click.Option)}
    missing = {option for option in longest - {"--help", "--version"} if not re.search(rf"{option}(?![\w-])", MANUAL)}
    assert not missing


def test_every_option_of_run_is_in_its_table() -> None:
    table = PAGES["command-line"].partition("| option of `run` |")[2].partition("\n\n")[0]
    for each in ALL["pi-tui run"].params:
        for option in each.opts if isinstance(each, click.Option) else ():
            assert f"`{option}" in table, option


def example_lines() -> list[str]:
    """Return the lines of all code blocks that call pi-tui, without a comment behind them."""
    blocks = re.findall(r"^```\n(.+?)^```", EXAMPLES, re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks for line in block.splitlines()] + re.findall(
        r"^    (.+)$", EXAMPLES, re.MULTILINE
    )
    calls = {re.split(r" {3,}| [|>] | >> ", line)[0] for line in lines if line.startswith("pi-tui ")}
    return sorted(call for call in calls if not set("[|") & set(call) and "..." not in call)


def test_there_are_examples() -> None:
    assert len(example_lines()) > 25


@pytest.mark.parametrize("line", example_lines())
def test_every_example_is_understood(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every option, choice and number of an example is parsed, as far as that can be done without running it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run.json").write_text("{}")
    words = shlex.split(line)[1:]
    current, context = command, click.Context(command)
    while isinstance(current, click.Group) and words and not words[0].startswith("-"):
        below = current.get_command(context, words[0])
        assert below is not None, words[0]
        current, words = below, words[1:]
    current.make_context(current.name, words, parent=context)


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
    assert len(fields) > 80
    assert not {name for name in fields if not re.search(rf"`{re.escape(name)}`", PAGES["exports"])}


@pytest.mark.parametrize(
    ("topic", "names"),
    [
        ("kernels", tuple(KERNELS)),
        ("modes", (*MODES, *START_METHODS, *TRANSPORTS)),
        ("verdicts", tuple(code.value for code in AdviceCode)),
    ],
)
def test_everything_that_is_there_is_in_a_table(topic: str, names: tuple[str, ...]) -> None:
    tables = "\n".join(line for line in PAGES[topic].splitlines() if line.startswith("|"))
    assert not [name for name in names if f"`{name}`" not in tables]


# ---- the command itself


def test_without_a_topic_all_are_listed(call: Call) -> None:
    done = call("manual")
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines() if line and line.split()[0] in TOPICS] == list(TOPICS)


def test_elsewhere_than_on_a_terminal_a_page_is_markdown(call: Call) -> None:
    done = call("manual", "ledger")
    assert (done.returncode, done.stdout) == (0, read_page("ledger"))


def test_an_unknown_topic_is_wrong_usage(call: Call) -> None:
    done = call("manual", "legder")
    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean 'ledger'?" in done.stderr


def test_a_search_prints_topics_and_lines(call: Call) -> None:
    done = call("manual", "--search", "Amdahl")
    assert done.returncode == 0
    assert done.stdout.startswith("scaling")
    assert "Gustafson" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code"), [(("--search", "zebra"), 1), (("--search", " "), 2), (("ledger", "--search", "x"), 2)]
)
def test_a_search_may_fail(call: Call, arguments: tuple[str, ...], code: int) -> None:
    done = call("manual", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith("pi-tui: ")


def has_terminal(*arguments: str, **environment: str) -> str:
    """What a command shows on a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "COLUMNS": "80", "LINES": "24", "TERM": "xterm", **environment},
    ) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # nobody has the terminal open any more
                break
            if not piece:
                break
            shown += piece
        assert process.wait() == 0
    os.close(ours)
    return shown.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_on_a_terminal_a_page_is_laid_out() -> None:
    shown = has_terminal("manual", "ledger", PAGER="cat")
    assert "\x1b[1mThe ledger\x1b[0m" in shown
    assert "imported, arguments unpickled" in shown
    assert "```" not in shown
    assert "imbalance  the worker" in re.sub(r"\x1b\[\d*m", "", shown)


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_a_plain_terminal_gets_no_escapes() -> None:
    shown = has_terminal("manual", "ledger", PAGER="cat", TERM="dumb")
    assert "The ledger" in shown
    assert "\x1b" not in shown
