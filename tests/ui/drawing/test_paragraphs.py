"""Text laid out for a width."""

from __future__ import annotations

from pi_tui.ui.drawing.paragraphs import Entry, Heading, Paragraph, Verbatim, lay_out
from pi_tui.ui.drawing.spans import (
    line_text,
)


def test_text_is_laid_out_with_names_in_a_column() -> None:
    blocks = [Heading("Keys"), Entry("r", "run what is ticked", 6), Verbatim("  a\n\tb"), Paragraph("one two three")]
    assert [line_text(line).rstrip() for line in lay_out(blocks, 16)] == [
        "Keys",
        "r     run what",
        "      is ticked",
        "  a",
        "    b",
        "one two three",
    ]
    assert [line_text(line).rstrip() for line in lay_out([Entry("a long name", "x", 4)], 20)] == [
        "a long name",
        "    x",
    ]
