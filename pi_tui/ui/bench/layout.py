"""How the panes are laid out at a terminal's size: all at once, some as tabs, or one at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

SETUP_PANES = ("kernel", "mode", "samples", "workers")
UPPER_PANES = ("cores", "lanes")
LOWER_PANES = ("results", "losses", "source", "scaling")
EXPLAINING_PANES = ("losses", "scaling")
"""The lower panes that share one place where the others stand side by side."""
ALL_PANES = (*SETUP_PANES, "run", *UPPER_PANES, *LOWER_PANES)

PANE_TITLES = {
    **{name: name.capitalize() for name in ALL_PANES},
    "lanes": "Workers: who runs, who waits",
    "losses": "Where did the speed-up go?",
}
"""The panes' titles."""

TINY_WIDTH, TINY_HEIGHT = 78, 20
NORMAL_WIDTH, WIDE_WIDTH = 118, 170
BESIDE_WIDTH = 110
NORMAL_HEIGHT, TALL_HEIGHT = 34, 48


SCREEN_CLASSES = ("-tiny", "-narrow", "-normal", "-wide", "-low", "-normal-height", "-tall")
"""The CSS classes of the screen: one of the first four and one of the others apply at a time."""


class Arrangement(NamedTuple):
    """Which panes are shown together.

    Attributes:
        one_pane: there is room for one pane only.
        setup_tabs: the checklists share one place.
        lower_tabs: results, losses, source and scaling share one place; otherwise losses and scaling alone do.
        upper: cores and lanes stand "beside" each other, "stacked", or share one place as "tabs".
        tall: how much height there is: "-low", "-normal-height" or "-tall".
    """

    one_pane: bool
    setup_tabs: bool
    lower_tabs: bool
    tall: str
    upper: str = "beside"

    @property
    def classes(self) -> frozenset[str]:
        """The members of `SCREEN_CLASSES` that apply."""
        if self.one_pane:
            return frozenset({"-tiny", self.tall})
        if self.setup_tabs:
            return frozenset({"-narrow", self.tall})
        return frozenset({"-normal" if self.lower_tabs else "-wide", self.tall})

    @property
    def core_lines(self) -> int:
        """The greatest number of lines that the cores take above the results."""
        return {"-low": 2, "-normal-height": 4}.get(self.tall, 8)

    @property
    def cores_hide(self) -> bool:
        """Whether the cores share their place, so that the user must be able to go to them."""
        return self.one_pane or self.upper == "tabs"

    def neighbour(self, pane: str, lower: str, step: int) -> str:
        """Return the pane that is `step` panes after one, cyclically; cores that are always shown are skipped."""
        lower_panes = LOWER_PANES if self.one_pane or not self.lower_tabs else (lower,)
        upper_panes = UPPER_PANES if self.cores_hide else UPPER_PANES[1:]
        order: list[str] = [
            *SETUP_PANES,
            "run",
            *((*upper_panes, *lower_panes) if self.one_pane else (*lower_panes, *upper_panes)),
        ]
        return order[(order.index(pane) + step) % len(order)] if pane in order else order[0]


def choose_arrangement(width: int, height: int) -> Arrangement:
    """Return the arrangement for a terminal of `width` by `height` cells."""
    one_pane = width < TINY_WIDTH or height < TINY_HEIGHT
    tall = "-low" if height < NORMAL_HEIGHT else "-normal-height" if height < TALL_HEIGHT else "-tall"
    beside = width >= WIDE_WIDTH and height >= NORMAL_HEIGHT
    upper = "beside" if width >= BESIDE_WIDTH else "tabs" if height < NORMAL_HEIGHT else "stacked"
    return Arrangement(one_pane, width < NORMAL_WIDTH, one_pane or not beside, tall, upper)


def make_titles(
    found: Arrangement, pane: str, checklist: str, lower: str, upper: str = "cores", explaining: str = "losses"
) -> tuple[frozenset[str], dict[str, str]]:
    """Return the panes that are shown, and the titles of all: names of tabs, each of them clickable.

    `pane` has the focus; `checklist`, `lower`, `upper` and `explaining` are shown where several panes share a place.
    """
    upper = pane if pane in UPPER_PANES else upper
    if found.one_pane:
        number = ALL_PANES.index(pane) + 1
        return frozenset({pane}), {name: f"{PANE_TITLES[name]}  {number}/{len(ALL_PANES)}" for name in ALL_PANES}
    shown = {
        "run",
        *((checklist,) if found.setup_tabs else SETUP_PANES),
        *((lower,) if found.lower_tabs else LOWER_PANES),
    }
    if not found.lower_tabs:
        shown -= set(EXPLAINING_PANES) - {explaining}
    shown |= {upper} if found.upper == "tabs" else set(UPPER_PANES)
    named = dict(PANE_TITLES)
    if found.setup_tabs:
        named |= dict.fromkeys(SETUP_PANES, _make_tabs(SETUP_PANES, checklist))
    if found.upper == "tabs":
        named |= dict.fromkeys(UPPER_PANES, _make_tabs(UPPER_PANES, upper))
    if found.lower_tabs:
        named |= dict.fromkeys(LOWER_PANES, _make_tabs(LOWER_PANES, lower, numbered=True))
    else:
        named |= dict.fromkeys(EXPLAINING_PANES, _make_tabs(EXPLAINING_PANES, explaining))
    return frozenset(shown), named


def _make_tabs(names: tuple[str, ...], chosen: str, *, numbered: bool = False) -> str:
    parts = []
    for number, name in enumerate(names, 1):
        label = f"{number} {PANE_TITLES[name]}" if numbered else PANE_TITLES[name]
        style = "bold $foreground" if name == chosen else "not bold $faint"
        parts.append(f"[{style}][@click=screen.show_pane('{name}')]{label}[/][/]")
    return "  ".join(parts)


@dataclass(slots=True)
class PanesInFront:
    """Which pane has the focus, and which is in front where several share a place.

    Attributes:
        cores: the load of the cores in a few cells, for the title of their tab.
    """

    pane: str = "kernel"
    checklist: str = "kernel"
    lower: str = "results"
    upper: str = "cores"
    explaining: str = "losses"
    cores: str = ""

    def go_to(self, pane: str) -> None:
        """Bring a pane to the front and note that it has the focus."""
        self.pane = pane
        if pane in EXPLAINING_PANES:
            self.explaining = pane
        if pane in LOWER_PANES:
            self.lower = pane
        elif pane in UPPER_PANES:
            self.upper = pane
        elif pane in SETUP_PANES:
            self.checklist = pane

    def titles(self, found: Arrangement) -> tuple[frozenset[str], dict[str, str]]:
        """Return the panes that are shown in an arrangement, and the titles of all."""
        shown, named = make_titles(found, self.pane, self.checklist, self.lower, self.upper, self.explaining)
        if found.upper == "tabs" and not found.one_pane and self.upper == "lanes" and self.cores:
            named |= {name: f"{named[name]}  {self.cores}" for name in UPPER_PANES}
        return shown, named
