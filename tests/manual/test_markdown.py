"""The manual's pages consist of the Markdown that its parser knows, and read alike for another parser."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import pi_tui.manual
from pi_tui.manual.layout import lay_out, wrap_spans
from pi_tui.manual.markdown import Code, Heading, Item, Paragraph, Span, Table, parse_inline, parse_markdown
from pi_tui.manual.pages import TOPICS, page_summary, page_title, parse_page, read_page, search_pages


def test_blocks_of_every_kind() -> None:
    page = (
        "# Title\n\nSome `code` and\nmore.\n\n- one\n  two\n  - inner\n1. first\n\n"
        "```\nx = 1\n\n  y\n```\n\n| a | b |\n|---|---|\n| `\\|z\\|` | c |\n"
    )
    assert parse_markdown(page) == [
        Heading(1, [Span("Title")]),
        Paragraph([Span("Some "), Span("code", "code"), Span(" and more.")]),
        Item("-", 0, [Span("one two")]),
        Item("-", 1, [Span("inner")]),
        Item("1.", 0, [Span("first")]),
        Code(("x = 1", "", "  y")),
        Table((([Span("a")], [Span("b")]), ([Span("|z|", "code")], [Span("c")]))),
    ]


def test_text_in_styles() -> None:
    assert parse_inline("a **b** [c](d.md) \\| *e*") == [
        Span("a "),
        Span("b", "strong"),
        Span(" "),
        Span("c", "link"),
        Span(" | *e*"),
    ]


@pytest.mark.parametrize("topic", TOPICS)
def test_a_page_reads_alike_for_another_parser(topic: str) -> None:
    """markdown-it-py finds the same text in the same order: nothing on the pages is beyond this parser."""
    tokens = MarkdownIt("commonmark").enable("table").parse(read_page(topic))
    theirs: list[str] = []
    for token in tokens:
        if token.type in ("inline", "fence"):
            parts = [child.content if child.type != "softbreak" else " " for child in token.children or ()]
            theirs.append("".join(parts) if token.type == "inline" else token.content)
    ours: list[str] = []
    for block in parse_page(topic):
        match block:
            case Heading(_, spans) | Paragraph(spans) | Item(_, _, spans):
                ours.append("".join(span.text for span in spans))
            case Code(lines):
                ours.append("".join(f"{line}\n" for line in lines))
            case Table(rows):
                ours += ["".join(span.text for span in cell) for row in rows for cell in row]
    assert [text for text in ours if text] == [text.replace("\\|", "|") for text in theirs if text]


@pytest.mark.parametrize("topic", TOPICS)
def test_a_page_is_of_one_kind(topic: str) -> None:
    """A title, a sentence on what it is about, one or two screens of text, and no character that takes two cells."""
    title, first, *_ = blocks = parse_page(topic)
    assert isinstance(title, Heading)
    assert title.level == 1
    assert sum(isinstance(block, Heading) and block.level == 1 for block in blocks) == 1
    assert isinstance(first, Paragraph)
    assert len(page_summary(topic)) < 120
    assert len(page_title(topic)) < 22, "the list of topics is no wider"
    assert not [char for char in read_page(topic) if unicodedata.east_asian_width(char) in "WF"]


def test_every_page_is_in_the_list() -> None:
    (folder,) = pi_tui.manual.__path__
    assert {file.stem for file in Path(folder).glob("*.md")} == set(TOPICS)


@pytest.mark.parametrize("width", [30, 50, 79, 110])
def test_lines_keep_to_the_width(width: int) -> None:
    for topic in TOPICS:
        code = {f"    {line}" for block in parse_page(topic) if isinstance(block, Code) for line in block.lines}
        for line in lay_out(parse_page(topic), width):
            text = "".join(span.text for span in line)
            assert len(text.rstrip()) <= width or text in code, (topic, text)


@given(
    st.lists(st.tuples(st.text("ab `", max_size=12), st.sampled_from(["text", "code"])), max_size=6), st.integers(1, 20)
)
def test_wrapping_loses_nothing(parts: list[tuple[str, str]], width: int) -> None:
    spans = [Span(text, style) for text, style in parts]  # type: ignore[arg-type]
    lines = wrap_spans(spans, width)
    assert all(sum(len(span.text) for span in line) <= width for line in lines)
    before = "".join(span.text for span in spans)
    assert "".join(span.text for line in lines for span in line).replace(" ", "") == before.replace(" ", "")


def test_a_search_minds_neither_capitals_nor_blanks() -> None:
    assert {match.topic for match in search_pages("amdahl's  LAW")} == {"scaling"}
    assert search_pages("no such words anywhere") == []
