"""The picture of an empty pane."""

from __future__ import annotations

from pi_tui.ui.drawing.empty_pane import draw_disc
from pi_tui.ui.drawing.spans import (
    line_width,
)


def test_the_picture_of_an_empty_table_is_a_disc() -> None:
    picture = draw_disc(10)
    assert all(line_width(line) == 20 for line in picture)
    assert next(span.style for span in picture[0]) == "faint"
    assert {span.style for span in picture[5]} == {"running"}
