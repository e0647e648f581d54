"""The colours of exported charts, on a light and on a dark background."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Ground = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as `#rrggbb`. `tints` holds the neutral one first, then one per tint.

    The tints differ in brightness as well as in hue, and no two neighbours are red and green.
    """

    ground: str
    text: str
    muted: str
    axis: str
    grid: str
    tints: tuple[str, ...]


LIGHT = Palette(
    ground="#ffffff",
    text="#1a1f29",
    muted="#5f687a",
    axis="#8b93a2",
    grid="#e3e6ea",
    tints=("#8b93a2", "#1c5fc4", "#8a6100", "#b03a86", "#00809f", "#6d4fc4", "#4b7d10", "#c2213c", "#75543a"),
)
DARK = Palette(
    ground="#0e1118",
    text="#e7ecf5",
    muted="#98a2b6",
    axis="#5d677b",
    grid="#222938",
    tints=("#8f99ad", "#7db8ff", "#f0cf65", "#f08cc0", "#5fd0e0", "#b79cf2", "#a8d672", "#ff8a8a", "#cbb994"),
)
TINTS = len(LIGHT.tints) - 1
"""The number of colours for series, counted from 1; 0 is the neutral colour of what was not measured."""

PALETTES: dict[Ground, Palette] = {"light": LIGHT, "dark": DARK}
