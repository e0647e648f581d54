"""Convert SVG to PNG with resvg, using a font that is shipped with the program.

`chart-font.ttf` is DejaVu Sans, reduced to the characters of `FONT_CHARACTERS`; its licence is in the same folder.
"""

from __future__ import annotations

from pathlib import Path

FONT = Path(__file__).with_name("chart-font.ttf")
FAMILY = "DejaVu Sans"
FONT_CHARACTERS = frozenset(map(chr, (*range(0x20, 0x7F), 0xA0, *map(ord, "±²µ·×ακπσ\u2009–—…−≈≤≥"))))

ZOOM = 1.5
"""Pixels of the PNG per pixel of the SVG: 1920 by 1080 for one chart, taller if it has many notes."""

RESVG_MISSING = "PNG needs resvg: install it with python -m pip install 'pi-tui[png]', or use SVG, which needs nothing"


def render_png(svg: str, *, zoom: float = ZOOM) -> bytes:
    """Return the picture as PNG.

    System fonts are used only if the text has characters that the shipped font lacks.

    Raises:
        ModuleNotFoundError: resvg is not installed; `RESVG_MISSING` says what to do.
    """
    import resvg_py

    return resvg_py.svg_to_bytes(
        svg_string=svg,
        zoom=zoom,
        font_files=[str(FONT)],
        sans_serif_family=FAMILY,
        skip_system_fonts=set(svg) <= FONT_CHARACTERS | {"\n"},
    )
