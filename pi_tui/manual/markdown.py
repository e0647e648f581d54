"""A parser for the part of Markdown that the manual's pages use.

Known are headings, paragraphs, lists (with `-` or `1.`, one inside another), fenced code, tables, and comments in lines of
their own; within text `code`, **strong** and [links](target). markdown-it-py, which Textual brings, knows all of Markdown,
but importing it takes twenty times as long as a page takes from key to screen here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

Style: TypeAlias = Literal["text", "code", "block", "strong", "link", "heading", "title", "faint"]


class Span(NamedTuple):
    """A piece of text in one style."""

    text: str
    style: Style = "text"


Spans: TypeAlias = Sequence[Span]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is the page's title."""

    level: int
    spans: Spans


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text that wraps."""

    spans: Spans


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list: its marker, how deep it stands (0 is the outermost), and its text."""

    marker: str
    depth: int
    spans: Spans


@dataclass(frozen=True, slots=True)
class Code:
    """Lines that stay as they are."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; the first row holds the titles."""

    rows: tuple[tuple[Spans, ...], ...]


Block: TypeAlias = Heading | Paragraph | Item | Code | Table

_HEADING = re.compile(r"(#{1,4}) +(.+)")
_ITEM = re.compile(r"( *)(-|\d+\.) +(.+)")
_RULE = re.compile(r"\|[ :|-]+\|")
_COMMENT = re.compile(r"<!--.*-->")
_CELL_END = re.compile(r"(?<!\\)\|")
_INLINE = re.compile(
    r"(?P<tick>`+)(?P<code>.+?)(?P=tick)|\*\*(?P<strong>.+?)\*\*|\[(?P<link>[^]]+)\]\((?P<target>[^)]+)\)"
)
_INDENT = 2


def parse_markdown(text: str) -> list[Block]:
    """Return the blocks of a page in their order."""
    lines = text.splitlines()
    blocks: list[Block] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line.strip() or _COMMENT.fullmatch(line.strip()):
            at += 1
        elif line.startswith("```"):
            end = next((n for n in range(at + 1, len(lines)) if lines[n].startswith("```")), len(lines))
            blocks.append(Code(tuple(lines[at + 1 : end])))
            at = end + 1
        elif line.startswith("|"):
            end = next((n for n in range(at, len(lines)) if not lines[n].startswith("|")), len(lines))
            blocks.append(_parse_table(lines[at:end]))
            at = end
        elif heading := _HEADING.fullmatch(line):
            blocks.append(Heading(len(heading[1]), parse_inline(heading[2])))
            at += 1
        else:
            end = next((n for n in range(at + 1, len(lines)) if _begins_block(lines[n])), len(lines))
            blocks.append(_parse_text(lines[at:end]))
            at = end
    return blocks


def parse_inline(text: str) -> list[Span]:
    """Return the spans of a text: code, strong text and links apart from the rest."""
    return list(_spans(text))


def _spans(text: str) -> Iterator[Span]:
    at = 0
    for found in _INLINE.finditer(text):
        if found.start() > at:
            yield Span(_unescape(text[at : found.start()]))
        if found["code"]:
            yield Span(found["code"], "code")
        elif found["strong"]:
            yield Span(_unescape(found["strong"]), "strong")
        else:
            yield Span(_unescape(found["link"]), "link")
        at = found.end()
    if at < len(text):
        yield Span(_unescape(text[at:]))


def _unescape(text: str) -> str:
    return re.sub(r"\\([\\`*_|\[\]<>])", r"\1", text)


def _begins_block(line: str) -> bool:
    """Return whether a line ends the paragraph or the item above it."""
    return not line.strip() or line.startswith(("```", "|", "#")) or _ITEM.fullmatch(line) is not None


def _parse_text(lines: Sequence[str]) -> Paragraph | Item:
    item = _ITEM.fullmatch(lines[0])
    rest = [line.strip() for line in lines[1:]]
    if item is None:
        return Paragraph(parse_inline(" ".join([lines[0].strip(), *rest])))
    return Item(item[2], len(item[1]) // _INDENT, parse_inline(" ".join([item[3], *rest])))


def _parse_table(lines: Sequence[str]) -> Table:
    rows = [line for line in lines if not _RULE.fullmatch(line.strip())]
    return Table(tuple(tuple(parse_inline(cell) for cell in _split_cells(row)) for row in rows))


def _split_cells(row: str) -> list[str]:
    inner = row.strip().removeprefix("|").removesuffix("|")
    return [cell.strip().replace("\\|", "|") for cell in _CELL_END.split(inner)]
