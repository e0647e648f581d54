"""The terms of a result's losses, in the order in which they are told: on the screen, in tables, in bars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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
"""What waiting is divided into."""


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

TERM_MEANINGS: dict[TermName, str] = {
    "speedup": "work done",
    "startup": "before its first task",
    "queued": "ready, others had the core",
    "waiting": "blocked, on what is unknown",
    "gil_wait": "blocked on the GIL",
    "lock_wait": "blocked on another lock",
    "io_wait": "blocked on I/O, or asleep",
    "between": "from one task to the next",
    "extra": "on a core, not getting on",
    "imbalance": "more than its fair share",
    "collect": "after its last task",
}
"""What the worker that finished last was at."""


def describe_term(name: TermName, *, divided: bool) -> str:
    """What the worker was at in a term; of waiting that is `divided` into its parts, which stand beside it."""
    return "blocked, all in all" if divided and name == "waiting" else TERM_MEANINGS[name]


@dataclass(frozen=True, slots=True)
class Term:
    """One term, in units of workers; `value` is None where it is not known, and may be negative.

    `part` is set for those that another one (waiting) is the sum of.
    """

    name: TermName
    value: float | None
    part: bool = False


def list_terms(losses: Losses) -> tuple[Term, ...]:
    """Every term: those that are no part sum to the number of workers, as far as they are known."""
    found: list[Term] = []
    for name in _ORDER:
        found.append(Term(name, getattr(losses, name)))
        if name == "waiting":
            found += [Term(part, getattr(losses, part), part=True) for part in WAIT_TERMS]
    return tuple(found)


def stack_terms(losses: Losses) -> tuple[Term, ...]:
    """The terms of one stacked bar: waiting by its parts where they are known, what is not known left out."""
    divided = losses.gil_wait is not None
    return tuple(
        term
        for term in list_terms(losses)
        if term.value is not None and not (term.name == "waiting" if divided else term.part)
    )
