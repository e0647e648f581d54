"""`pi-tui manual`: list the pages of the manual, show one, or search them."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence

import click
from click.shell_completion import CompletionItem

from pi_tui.cli import terminal_text
from pi_tui.engine.errors import UsageError
from pi_tui.engine.suggestions import describe_unknown_name
from pi_tui.manual.layout import lay_out
from pi_tui.manual.markdown import Span
from pi_tui.manual.pages import TOPICS, compile_search, page_summary, parse_page, read_page, search_pages

_WIDEST = 100
"""Columns. Longer lines are hard to read."""
_BOLD = ("title", "heading", "strong", "code")
_NOT_FOUND = 1

_EXAMPLES = """\b
Examples:
  pi-tui manual
  pi-tui manual ledger
  pi-tui manual --search "switch interval"
  pi-tui manual exports > exports.md"""


def _complete_topic(_: click.Context, __: click.Parameter, typed: str) -> list[CompletionItem]:
    return [CompletionItem(topic, help=page_summary(topic)) for topic in TOPICS if topic.startswith(typed)]


@click.command(epilog=_EXAMPLES)
@click.argument("topic", required=False, shell_complete=_complete_topic)
@click.option("--search", metavar="WORD", help="Print every line of the manual that contains WORD.")
def manual(topic: str | None, search: str | None) -> int:
    """Show the page TOPIC of the manual; without a topic, list the topics.

    On a terminal the page is laid out for its width; elsewhere it is printed as Markdown.
    """
    if topic is not None and search is not None:
        raise UsageError("--search searches all topics: leave out either the topic or --search")
    if search is not None and not search.strip():
        raise UsageError("--search needs a word")
    if search is not None:
        return _print_matches(search)
    if topic is None:
        _print_list()
        return 0
    if topic not in TOPICS:
        raise UsageError(describe_unknown_name("topic", topic, TOPICS))
    if sys.stdout.isatty():
        _show_page(topic)
    else:
        print(terminal_text.make_encodable(read_page(topic), sys.stdout.encoding), end="")
    return 0


def _print_list() -> None:
    rows = [(topic, page_summary(topic)) for topic in TOPICS]
    lines = terminal_text.align_columns(rows)
    for line in [
        *lines,
        "",
        "pi-tui manual TOPIC shows a page, pi-tui manual --search WORD finds a word; on the screen, press F1.",
    ]:
        terminal_text.print_line(line)


def _print_matches(words: str) -> int:
    matches = search_pages(words)
    if not matches:
        terminal_text.print_message(f"the manual does not mention {words!r}")
        return _NOT_FOUND
    bold = sys.stdout.isatty() and _has_bold()
    pattern = compile_search(words)
    rows = [(match.topic, match.text.strip()) for match in matches]
    for line in terminal_text.align_columns(rows):
        text = terminal_text.make_encodable(line, sys.stdout.encoding)
        print(pattern.sub(lambda found: click.style(found[0], bold=True), text) if bold else text)
    return 0


def _show_page(topic: str) -> None:
    """Print a page on the terminal, through the pager if it is longer than the terminal."""
    size = shutil.get_terminal_size((80, 24))
    lines = lay_out(parse_page(topic), min(_WIDEST, max(40, size.columns) - 1))
    text = "\n".join(
        _style_line(line) if _has_bold() else "".join(span.text for span in line).rstrip() for line in lines
    )
    text = terminal_text.make_encodable(text, sys.stdout.encoding)
    if len(lines) >= size.lines and sys.stdin.isatty():
        click.echo_via_pager(text + "\n", color=True)
    else:
        click.echo(text)


def _has_bold() -> bool:
    """Return whether the terminal can show bold text."""
    return os.environ.get("TERM", "dumb") != "dumb"


def _style_line(line: Sequence[Span]) -> str:
    return "".join(click.style(span.text, bold=True) if span.style in _BOLD else span.text for span in line)
