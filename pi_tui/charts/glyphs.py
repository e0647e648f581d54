"""The characters that a chart is drawn with in a terminal: Unicode and ASCII."""

from __future__ import annotations

from dataclasses import dataclass

from pi_tui.analysis.text.ascii import spell_ascii


@dataclass(frozen=True, slots=True)
class Glyphs:
    """A set of characters, each one cell wide.

    Attributes:
        markers: of series, all different; the first are the easiest to distinguish.
        samples: of lines in the legend, by dash: solid, dashed, dotted.
        bar: of an error bar: top, middle, bottom.
    """

    markers: str
    samples: tuple[str, str, str]
    bar: tuple[str, str, str]
    upright: str
    across: str
    corner: str
    y_tick: str
    major_tick: str
    minor_tick: str
    grid: str
    mark: str
    hidden: str
    braille: bool

    def marker(self, number: int) -> str:
        """Return the glyph of a series' number; numbers beyond the last glyph start again."""
        return self.markers[number % len(self.markers)]

    def transliterate(self, text: str) -> str:
        """Return a text in the characters of this set."""
        return text if self.braille else spell_ascii(text)


UNICODE = Glyphs(
    markers="●■▲◆○□△◇▼▽+×",
    samples=("──", "╌╌", "··"),
    bar=("┬", "│", "┴"),
    upright="│",
    across="─",
    corner="└",
    y_tick="┤",
    major_tick="┼",
    minor_tick="┬",
    grid="┈",
    mark="┊",
    hidden="-",
    braille=True,
)
ASCII = Glyphs(
    markers="ox*#@%&+=$AV",
    samples=("--", "-.", ".."),
    bar=("-", "|", "-"),
    upright="|",
    across="-",
    corner="+",
    y_tick="+",
    major_tick="+",
    minor_tick="'",
    grid=" ",
    mark=":",
    hidden="-",
    braille=False,
)


def choose_glyphs(encoding: str | None) -> Glyphs:
    """Return the characters that an encoding can represent; None means ASCII."""
    try:
        (UNICODE.markers + UNICODE.grid + "\u28ff").encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return UNICODE
