"""A/B: what is ticked with both settings of the GIL, and what came of it, side by side."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from pi_tui.analysis.figures import plural, share_text, span, waiting_share
from pi_tui.host.kernels.catalog import KERNELS
from pi_tui.host.modes.catalog import MODES
from pi_tui.ui.selection import Selection, toggle_gil, twins_of

if TYPE_CHECKING:
    from pi_tui.analysis.results import Case, Interpreter, Result
    from pi_tui.ui.session import Session
    from pi_tui.ui.watching import LanesView

KEPT_READINGS = 240
ALIKE = 0.05
"""Walls that differ by less than this are called the same."""

MUCH = 0.1


class Pair(NamedTuple):
    """Two cases that differ in the GIL alone: with it, and without."""

    held: Case
    released: Case


class Side(NamedTuple):
    """One side of a comparison as it stands.

    Attributes:
        cores: the mean share of the cores at readings during its trials, oldest first.
    """

    name: str
    case: Case
    result: Result | None
    lanes: LanesView | None
    cores: tuple[float, ...]
    active: bool


def both_settings(
    selection: Selection, interpreter: Interpreter, others: Sequence[Interpreter] = ()
) -> tuple[Selection | None, str]:
    """What an A/B of a selection runs; None where the GIL has no other setting, with the reason in one sentence.

    Of the modes those are left out that run one task after the other: there the GIL is never contended.
    """
    if selection.in_app:
        return None, "Inside the app there is no other setting to compare with: give the host its own process first."
    if not selection.kernels:
        return None, "Tick a kernel first."
    modes = tuple(mode for mode in selection.modes if MODES[mode].made_of == "threads") or ("threads",)
    if interpreter.free_threaded_build:
        return replace(selection, modes=modes, gils=(True, False)), ""
    twins = twins_of(selection)
    if twins:
        wanted = {*twins, *(KERNELS[name].twin for name in twins)}
        return replace(selection, modes=modes, kernels=tuple(name for name in KERNELS if name in wanted)), ""
    return None, toggle_gil(selection, interpreter, others)[1]


def pairs_of(cases: Iterable[Case]) -> tuple[Pair, ...]:
    """The pairs among cases, the ones of most workers and samples first."""
    known = set(cases)
    found = []
    for case in known:
        kernel = KERNELS[case.kernel]
        if case.gil is True:
            other = replace(case, gil=False)
        elif case.gil is None and kernel.twin and kernel.holds_gil:
            other = replace(case, kernel=kernel.twin)
        else:
            continue
        if other in known:
            found.append(Pair(case, other))
    return tuple(sorted(found, key=lambda pair: (-pair.held.workers, -pair.held.total_samples, pair.held.mode)))


class Comparison:
    """An A/B that is under way or done: which cases it pairs, and the cores meanwhile."""

    def __init__(self, cases: Iterable[Case], run: int) -> None:
        self.pairs = pairs_of(cases)
        self.run = run
        self._cores: dict[Case, deque[float]] = {}

    def note_cores(self, active: Case | None, shares: Iterable[float | None]) -> None:
        """Keep a reading of the cores with the case whose trial is being timed."""
        known = [share for share in shares if share is not None]
        if active is not None and known:
            kept = self._cores.setdefault(active, deque(maxlen=KEPT_READINGS))
            kept.append(sum(known) / len(known))

    def sides(self, session: Session, place: int) -> tuple[Side, Side]:
        """Both sides of a pair as they stand."""
        pair = self.pairs[place]
        rows = {row.case: row for row in session.rows if row.run == self.run}

        def side(case: Case) -> Side:
            row, trial = rows.get(case), session.lanes.of(case)
            return Side(
                name=_name(case, pair),
                case=case,
                result=row.result if row else None,
                lanes=trial.view() if trial else None,
                cores=tuple(self._cores.get(case, ())),
                active=bool(row and row.active),
            )

        return side(pair.held), side(pair.released)


def _name(case: Case, pair: Pair) -> str:
    if case.gil is not None:
        return f"GIL {'on' if case.gil else 'off'}"
    return f"GIL {'held' if case is pair.held else 'released'} · {case.kernel}"


def cores_used(result: Result | None) -> float | None:
    """How many cores the workers used on average in the measured trials: CPU time by wall time; None before any."""
    trials = (result.measured or result.trials) if result else ()
    wall = sum(trial.wall_s for trial in trials)
    if wall <= 0:
        return None
    return sum(worker.running_s for trial in trials for worker in trial.workers) / wall


def gil_share(result: Result | None) -> tuple[float | None, bool]:
    """Waiting for the GIL as a share of the workers' time in the kernel, and whether it is known to be the GIL's.

    Where lanes did not tell kinds apart it is all waiting.
    """
    if result is None:
        return None, False
    workers = [worker for trial in result.measured or result.trials for worker in trial.workers]
    busy = sum(worker.running_s + worker.waiting_s for worker in workers)
    known = [worker.gil_wait_s for worker in workers if worker.gil_wait_s is not None]
    if busy <= 0 or len(known) < len(workers):
        return waiting_share(result), False
    return max(0.0, sum(known) / busy), True


def sentence_of(held: Side, released: Side) -> str:
    """What the two sides say together, in one plain sentence."""
    for side in (held, released):
        if side.result is not None and side.result.status != "ok":
            why = side.result.error.message if side.result.error is not None else side.result.status
            return f"{side.name}: {why.rstrip('.')}. There is nothing to compare."
    with_it = held.result.wall_s if held.result and held.result.measured else None
    without = released.result.wall_s if released.result and released.result.measured else None
    if with_it is None or without is None:
        return "The sentence comes with the first measured trial of each side."
    workers = plural(held.case.workers, "thread")
    if held.case.workers == 1:
        return f"One thread has the GIL to itself: {span(with_it.median)} with it, {span(without.median)} without. Tick more."
    ratio = with_it.median / without.median
    share, certain = gil_share(held.result)
    waited = ""
    if share is not None and share >= MUCH:
        for_what = "for the GIL" if certain else "their turn"
        waited = f"; with it, each waited {share_text(share)} of the time {for_what if certain else 'for ' + for_what}"
    if abs(ratio - 1) < ALIKE:
        return f"Without the GIL {workers} took as long as with it, {span(without.median)}{waited}."
    if ratio > 1:
        return (
            f"Without the GIL {workers} took {span(without.median)} instead of {span(with_it.median)}: "
            f"{ratio:.2f} times as fast{waited}."
        )
    return (
        f"Without the GIL {workers} took {span(without.median)}, longer than {span(with_it.median)} with it: "
        f"something else holds them up{waited}."
    )
