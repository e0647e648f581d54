"""The characters that a chart is drawn with in a terminal: Unicode and ASCII."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Glyphs:
    """A set of characters, each one cell wide.

    Attributes:
        markers: of series, all different; the first are the easiest to distinguish.
        samples: of lines in the legend, by dash: solid, dashed, dotted.
        bar: of an error bar: top, middle, bottom.
        replacements: text that this set writes differently.
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
    replacements: tuple[tuple[str, str], ...] = ()

    def marker(self, number: int) -> str:
        """Return the glyph of a series' number; numbers beyond the last glyph start again."""
        return self.markers[number % len(self.markers)]

    def transliterate(self, text: str) -> str:
        """Return a text in the characters of this set."""
        for glyph, spelt in self.replacements:
            text = text.replace(glyph, spelt)
        return text if self.braille else text.encode("ascii", "replace").decode("ascii")


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
    replacements=(("×", "x"), ("µ", "u"), ("σ", "sigma"), ("κ", "kappa"), ("±", "+-"), ("…", "..."), ("–", "-"), ("²", "2"),
           ("·", "."), ("≥", ">="), ("\u2009", " "), ("\u00a0", " ")),
)  # fmt: skip


def choose_glyphs(encoding: str | None) -> Glyphs:
    """Return the characters that an encoding can represent; None means ASCII."""
    try:
        (UNICODE.markers + UNICODE.grid + "\u28ff").encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return UNICODE
