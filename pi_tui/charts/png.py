"""A picture from SVG to PNG, with resvg: it needs no font of the machine, as one comes along.

`chart-font.ttf` is DejaVu Sans, reduced to the characters of `COVERED`; its licence lies beside it.
"""

from __future__ import annotations

from pathlib import Path

FONT = Path(__file__).with_name("chart-font.ttf")
FAMILY = "DejaVu Sans"
FONT_CHARACTERS = frozenset(map(chr, (*range(0x20, 0x7F), 0xA0, *map(ord, "±²µ·×ακπσ\u2009–—…−≈≤≥"))))

ZOOM = 1.5
"""Pixels of the PNG for each of the SVG: 1920 by 1080 for one chart, taller where it has much to say."""

RESVG_MISSING = "a PNG picture needs resvg: python -m pip install 'pi-tui[png]' brings it; SVG needs nothing"


def render_png(svg: str, *, zoom: float = ZOOM) -> bytes:
    """The picture as PNG.

    Fonts of the machine are looked for only where the text has characters that ours lacks.

    Raises:
        ModuleNotFoundError: resvg is not installed; `MISSING` says what to do.
    """
    import resvg_py

    return resvg_py.svg_to_bytes(
        svg_string=svg,
        zoom=zoom,
        font_files=[str(FONT)],
        sans_serif_family=FAMILY,
        skip_system_fonts=set(svg) <= FONT_CHARACTERS | {"\n"},
    )
