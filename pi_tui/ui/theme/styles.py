"""From the name of an ink to a style, by the present theme's variables."""

from __future__ import annotations

from collections.abc import Mapping

from rich.style import Style
from textual.color import Color

from pi_tui.charts.palette import TINTS
from pi_tui.ui.drawing.bars import HEATS
from pi_tui.ui.state.time_categories import MEANINGS

_PLAIN = {
    "text": ("foreground", 1.0, ""),
    "strong": ("foreground", 1.0, "bold"),
    "muted": ("muted", 1.0, ""),
    "faint": ("faint", 1.0, ""),
    "key": ("key", 1.0, ""),
    "title": ("running", 1.0, "bold"),
    "good": ("running", 1.0, ""),
    "bad": ("error", 1.0, ""),
    "alarm": ("gil-wait", 1.0, "bold"),
    "notice": ("warning", 1.0, ""),
    "provisional": ("muted", 1.0, "italic"),
    "track": ("track", 1.0, ""),
    "extra": ("running", 0.55, ""),
    "imbalance": ("key", 1.0, ""),
    "between": ("muted", 1.0, ""),
    "collect": ("faint", 1.0, ""),
    "code-keyword": ("code-keyword", 1.0, ""),
    "code-name": ("code-name", 1.0, "bold"),
    "code-string": ("code-string", 1.0, ""),
    "code-number": ("code-number", 1.0, ""),
    "code-comment": ("code-comment", 1.0, "italic"),
    "code-decorator": ("code-decorator", 1.0, ""),
    "code-builtin": ("code-builtin", 1.0, ""),
    **{f"tint-{number}": (f"tint-{number}", 1.0, "") for number in range(TINTS + 1)},
    **{f"band-{number}": (f"tint-{number}", 0.45, "") for number in range(TINTS + 1)},
}
_GROUNDS = ("cursor", "cursor-away")
_LEAST_HEAT = 0.35


class Inks:
    """The styles of one theme.

    `few_colours`: a terminal of 16 colours or none, where a quiet ground cannot be told from the background, and neither
    keys from words nor one shade from the next.

    A name is an ink of the foreground ("muted") or an ink on a ground ("running/cursor").
    """

    def __init__(self, variables: Mapping[str, str], *, few_colours: bool = False) -> None:
        self._background = _colour(variables["background"], None)
        self._styles: dict[str, Style] = {}
        self._complete: dict[tuple[str, str], Style] = {}
        for ink, (variable, strength, weight) in _PLAIN.items():
            self._add(ink, variables[variable], strength, weight)
        for meaning in MEANINGS:
            self._add(meaning.ink, variables[meaning.ink])
        for heat in range(HEATS):
            self._add(f"heat-{heat}", variables["running"], _LEAST_HEAT + (1 - _LEAST_HEAT) * heat / (HEATS - 1))
        for ground in _GROUNDS:
            colour = _colour(variables[ground], self._background)
            self._styles[ground] = Style(bgcolor=colour.rich_color)
        if few_colours:
            text = self._styles["text"].color
            self._styles |= {"cursor": Style(color=text, reverse=True), "cursor-away": Style(underline=True)}
            self._styles["key"] += Style(bold=True)  # what can be pressed is else like the words beside it
            self._styles |= {
                f"heat-{heat}": self._styles["running"] for heat in range(HEATS)
            }  # shades are other hues there

    def __getitem__(self, name: str) -> Style:
        """The style of an ink.

        Raises:
            KeyError: there is no such ink.
        """
        style = self._styles.get(name)
        if style is None:
            ink, _, ground = name.partition("/")
            style = self._styles[ink] + self._styles[ground]
            self._styles[name] = style
        return style

    def on(self, ground: str, ink: str) -> Style:
        """An ink on the background ("" as ground) or on a ground, complete for drawing."""
        key = (ground, ink)
        style = self._complete.get(key)
        if style is None:
            style = Style(bgcolor=self._background.rich_color) + self[ink]
            if ground:
                style += self[ground]
            self._complete[key] = style
        return style

    def _add(self, ink: str, value: str, strength: float = 1.0, weight: str = "") -> None:
        colour = _colour(value, self._background)
        if strength < 1.0 and colour.ansi is None:
            colour = self._background.blend(colour, strength, alpha=1.0)
        self._styles[ink] = Style.parse(weight or "none") + Style(color=colour.rich_color)


def _colour(value: str, background: Color | None) -> Color:
    """A theme variable's colour, opaque; "auto" is what can be read on the background."""
    word, _, strength = value.partition(" ")
    share = float(strength.rstrip("%")) / 100 if strength.endswith("%") else 1.0
    if word == "auto":
        base = background or Color.parse("black")
        return base.blend(base.get_contrast_text(1.0), share, alpha=1.0)
    colour = Color.parse(word)
    if colour.ansi is not None or background is None or background.ansi is not None:
        return colour
    return background.blend(colour, colour.a * share, alpha=1.0)
