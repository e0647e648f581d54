"""The topics of the manual, and a search through all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pi_tui.manual.markdown import Block, Code, Heading, Item, Paragraph, Spans, Table, parse_markdown

TOPICS = (
    "first-steps",
    "screen",
    "keys",
    "words",
    "kernels",
    "your-own-functions",
    "modes",
    "interpreters",
    "command-line",
    "ledger",
    "lanes",
    "verdicts",
    "scaling",
    "history",
    "watch",
    "exports",
    "promises",
    "developing",
)
"""All topics, in the order in which a reader may take them; each is the name of a file."""


class Match(NamedTuple):
    """A place where a searched text stands."""

    topic: str
    text: str
    """The line, item or cell that holds it, without marks."""


def read_page(topic: str) -> str:
    """Return a topic's page as Markdown."""
    return Path(__file__).with_name(f"{topic}.md").read_text(encoding="utf-8")


@cache
def parse_page(topic: str) -> tuple[Block, ...]:
    """Return the blocks of a topic's page; they are kept, since a search reads all pages."""
    return tuple(parse_markdown(read_page(topic)))


def page_summary(topic: str) -> str:
    """Return what a page is about, which is its first paragraph."""
    return next(_plain(block.spans) for block in parse_page(topic) if isinstance(block, Paragraph))


def page_title(topic: str) -> str:
    """Return the title of a page, which is its first line."""
    return read_page(topic).partition("\n")[0].removeprefix("# ")


def search_pages(wanted: str) -> list[Match]:
    """Return every line of text of the manual that holds `wanted`; capitals and the width of blanks do not matter."""
    pattern = compile_search(wanted)
    return [
        Match(topic, text)
        for topic in TOPICS
        for block in parse_page(topic)
        for text in _texts(block)
        if pattern.search(text)
    ]


def compile_search(wanted: str) -> re.Pattern[str]:
    """Return a pattern for a text as a person types it."""
    return re.compile(r"\s+".join(re.escape(word) for word in wanted.split()), re.IGNORECASE)


def _texts(block: Block) -> Iterator[str]:
    match block:
        case Heading(_, spans) | Paragraph(spans) | Item(_, _, spans):
            yield _plain(spans)
        case Code(lines):
            yield from lines
        case Table(rows):
            yield from ("  ".join(map(_plain, row)) for row in rows)


def _plain(spans: Spans) -> str:
    return "".join(span.text for span in spans)
