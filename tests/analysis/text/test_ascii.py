"""Text in ASCII keeps its width, and glyphs stay different."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from pi_tui.analysis.text.ascii import draw_ascii


@given(st.text(max_size=40))
def test_ascii_keeps_the_width(text: str) -> None:
    shown = draw_ascii(text)
    assert shown.isascii()


@given(st.sampled_from("╭─╮│╰╯━╾█▓▒░▚▁▇⣿⠀⣀×±≈…·✓◦✗◌▸▾■πµ"))
def test_every_glyph_has_an_ascii_character(glyph: str) -> None:
    assert draw_ascii(glyph) != "?"
    assert len(draw_ascii(glyph)) == cell_len(glyph) == 1
