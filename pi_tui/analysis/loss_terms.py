"""The terms of a result's losses, in the order in which the screen, tables and bars show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pi_tui.analysis.results import Losses

TermName = Literal[
    "speedup",
    "startup",
    "queued",
    "waiting",
    "gil_wait",
    "lock_wait",
    "io_wait",
    "between",
    "extra",
    "imbalance",
    "collect",
]

_ORDER: tuple[TermName, ...] = ("speedup", "startup", "queued", "waiting", "between", "extra", "imbalance", "collect")
WAIT_TERMS: tuple[TermName, ...] = ("gil_wait", "lock_wait", "io_wait")
"""The parts of waiting."""


TERM_NAMES: dict[TermName, str] = {
    "speedup": "speed-up",
    "startup": "startup",
    "queued": "queued",
    "waiting": "waiting",
    "gil_wait": "GIL wait",
    "lock_wait": "lock wait",
    "io_wait": "I/O or sleep",
    "between": "between tasks",
    "extra": "extra",
    "imbalance": "imbalance",
    "collect": "collect",
}

TERM_GLYPHS: dict[TermName, str] = {
    "speedup": "█",
    "startup": "-",
    "queued": "·",
    "waiting": "▚",
    "gil_wait": "▓",
    "lock_wait": "▒",
    "io_wait": "░",
    "between": "|",
    "extra": "+",
    "imbalance": "/",
    "collect": ">",
}
"""A term's glyph in a bar, on the screen and in a terminal; each is different, in ASCII too."""

TERM_MEANINGS: dict[TermName, str] = {
    "speedup": "work done",
    "startup": "before its first task",
    "queued": "ready, but others had the core",
    "waiting": "blocked, reason unknown",
    "gil_wait": "blocked on the GIL",
    "lock_wait": "blocked on another lock",
    "io_wait": "blocked on I/O, or asleep",
    "between": "from one task to the next",
    "extra": "on a core without progress",
    "imbalance": "more than its fair share",
    "collect": "after its last task",
}
"""What the worker that finished last was doing."""


def describe_term(name: TermName, *, divided: bool) -> str:
    """Return what the worker was doing in a term. For `divided` waiting, the parts are shown beside the sum."""
    return "blocked, in total" if divided and name == "waiting" else TERM_MEANINGS[name]


@dataclass(frozen=True, slots=True)
class Term:
    """One term, in units of workers; `value` is None if unknown and may be negative.

    `part` marks the parts of waiting, which is their sum.
    """

    name: TermName
    value: float | None
    part: bool = False


def list_terms(losses: Losses) -> tuple[Term, ...]:
    """Return every term; those that are not parts sum to the number of workers, as far as they are known."""
    found: list[Term] = []
    for name in _ORDER:
        found.append(Term(name, getattr(losses, name)))
        if name == "waiting":
            found += [Term(part, getattr(losses, part), part=True) for part in WAIT_TERMS]
    return tuple(found)


def stack_terms(losses: Losses) -> tuple[Term, ...]:
    """Return the terms of one stacked bar: the parts of waiting if they are known, without unknown terms."""
    divided = losses.gil_wait is not None
    return tuple(
        term
        for term in list_terms(losses)
        if term.value is not None and not (term.name == "waiting" if divided else term.part)
    )
