"""Turn the names of styles, which drawing functions use, into Rich styles in the colours of the present theme."""

from __future__ import annotations

from collections.abc import Mapping

from rich.style import Style
from textual.color import Color

from pi_tui.charts.palette import TINTS
from pi_tui.ui.drawing.bars import HEAT_STEPS
from pi_tui.ui.state.time_categories import TIME_CATEGORIES

_STYLES = {
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
"""For each style: the theme variable, its strength against the background (1 is opaque), and the weight."""

_BACKGROUNDS = ("cursor", "cursor-away")
_LEAST_HEAT = 0.35
"""The strength of the first step of brightness; the last has 1."""


class Styles:
    """The Rich styles of one theme, by name.

    A name is a style of the foreground ("muted"), or such a style and a background ("running/cursor").

    Args:
        variables: the theme's variables.
        few_colours: the terminal has 16 colours or none. There the cursor's background looks like any other, keys look like
            words, and the steps of brightness are different hues; reverse, underline and bold replace them.
    """

    def __init__(self, variables: Mapping[str, str], *, few_colours: bool = False) -> None:
        self._background = _parse_colour(variables["background"], None)
        self._styles: dict[str, Style] = {}
        self._complete: dict[tuple[str, str], Style] = {}
        for name, (variable, strength, weight) in _STYLES.items():
            self._add(name, variables[variable], strength, weight)
        for category in TIME_CATEGORIES:
            self._add(category.style, variables[category.style])
        for step in range(HEAT_STEPS):
            strength = _LEAST_HEAT + (1 - _LEAST_HEAT) * step / (HEAT_STEPS - 1)
            self._add(f"heat-{step}", variables["running"], strength)
        for name in _BACKGROUNDS:
            colour = _parse_colour(variables[name], self._background)
            self._styles[name] = Style(bgcolor=colour.rich_color)
        if few_colours:
            self._use_few_colours()

    def __getitem__(self, name: str) -> Style:
        """Return the style of a name.

        Raises:
            KeyError: there is no such style.
        """
        style = self._styles.get(name)
        if style is None:
            foreground, _, background = name.partition("/")
            style = self._styles[foreground] + self._styles[background]
            self._styles[name] = style
        return style

    def complete(self, name: str, background: str = "") -> Style:
        """Return a style with its background; "" is the background of the screen."""
        key = (background, name)
        style = self._complete.get(key)
        if style is None:
            style = Style(bgcolor=self._background.rich_color) + self[name]
            if background:
                style += self[background]
            self._complete[key] = style
        return style

    def _use_few_colours(self) -> None:
        text, running = self._styles["text"].color, self._styles["running"]
        self._styles |= {"cursor": Style(color=text, reverse=True), "cursor-away": Style(underline=True)}
        self._styles["key"] += Style(bold=True)
        self._styles |= {f"heat-{step}": running for step in range(HEAT_STEPS)}

    def _add(self, name: str, value: str, strength: float = 1.0, weight: str = "") -> None:
        colour = _parse_colour(value, self._background)
        if strength < 1.0 and colour.ansi is None:
            colour = self._background.blend(colour, strength, alpha=1.0)
        self._styles[name] = Style.parse(weight or "none") + Style(color=colour.rich_color)


def _parse_colour(value: str, background: Color | None) -> Color:
    """Return a theme variable's colour, opaque; "auto" is a colour that can be read on the background."""
    word, _, strength = value.partition(" ")
    share = float(strength.rstrip("%")) / 100 if strength.endswith("%") else 1.0
    if word == "auto":
        base = background or Color.parse("black")
        return base.blend(base.get_contrast_text(1.0), share, alpha=1.0)
    colour = Color.parse(word)
    if colour.ansi is not None or background is None or background.ansi is not None:
        return colour
    return background.blend(colour, colour.a * share, alpha=1.0)
