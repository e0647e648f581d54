"""The characters a chart is drawn with in a terminal: in a font that has everything, and in ASCII."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One set of characters, each one cell wide.

    Attributes:
        markers: of series, each different; the first ones are told apart best.
        samples: of a line in the legend, by its dash: solid, dashed, dotted.
        bar: of an error bar: its top, its length, its bottom.
        spelt: what is written otherwise in this set.
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
        """The glyph of a series' number; they come round again after the last."""
        return self.markers[number % len(self.markers)]

    def transliterate(self, text: str) -> str:
        """A text in these characters."""
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
    """The characters that an encoding can carry; None is ASCII."""
    try:
        (UNICODE.markers + UNICODE.grid + "\u28ff").encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return UNICODE
