"""The GIL comparison (A/B): the selection run with both settings of the GIL, and the results side by side."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from pi_tui.analysis.text.formatting import plural, share_text, waiting_share
from pi_tui.analysis.text.prose import format_seconds
from pi_tui.analysis.text.short_names import shorten_kernel_name
from pi_tui.host.kernels.catalog import KERNELS
from pi_tui.host.modes.catalog import MODES
from pi_tui.ui.state.selection import Selection, find_twins, toggle_gil

if TYPE_CHECKING:
    from pi_tui.analysis.results import Case, Interpreter, Result
    from pi_tui.ui.state.lane_history import LanesView, TrialLanes
    from pi_tui.ui.state.session import Session

KEPT_READINGS = 240
SAME_WALL_SHARE = 0.05
"""Walls whose ratio differs from 1 by less than this are called equal."""

LEAST_TOLD_SHARE = 0.1
LEAST_KNOWN_SHARE = 0.8
"""GIL waiting is shown where the cause of at least this share of all waiting is known; else all waiting is shown."""


class CasePair(NamedTuple):
    """Two cases that differ only in the GIL: `held` with it, `released` without."""

    held: Case
    released: Case


class ComparisonSide(NamedTuple):
    """One side of a comparison at a moment.

    Attributes:
        lanes: the lanes of the case's last trial.
        cores: the mean busy share of all cores at readings during its trials, oldest first.
        active: one of its trials is running.
        trial_s: the wall of the trial whose lanes are shown; None before it is over.
    """

    name: str
    case: Case
    result: Result | None
    lanes: LanesView | None
    cores: tuple[float, ...]
    active: bool
    trial_s: float | None = None


def select_both_gil_settings(
    selection: Selection,
    interpreter: Interpreter,
    others: Sequence[Interpreter] = (),
    chosen: Sequence[Interpreter] = (),
) -> tuple[Selection | None, str]:
    """Return the selection that runs both settings of the GIL, or None and a sentence that says why there is none.

    Modes that do not run threads are left out: there the GIL is not contended. Of several interpreters (`chosen`), those whose
    GIL is fixed are left out where another's can be set.
    """
    if selection.in_app:
        return None, "Inside the app the GIL has one setting: run in a host process to compare."
    if not selection.kernels:
        return None, "Tick a kernel first."
    modes = tuple(mode for mode in selection.modes if MODES[mode].made_of == "threads") or ("threads",)
    if interpreter.free_threaded_build:
        free = tuple(each.path for each in chosen if each.free_threaded_build)
        pythons = free if len(chosen) > 1 else selection.pythons
        return replace(selection, modes=modes, gils=(True, False), pythons=pythons), ""
    twins = find_twins(selection)
    if twins:
        wanted = {*twins, *(selection.kernels_by_name[name].twin for name in twins)}
        return replace(
            selection, modes=modes, kernels=tuple(name for name in selection.kernels_by_name if name in wanted)
        ), ""
    return None, toggle_gil(selection, interpreter, others)[1]


def find_pairs(cases: Iterable[Case]) -> tuple[CasePair, ...]:
    """Return the pairs among cases, those with the most workers and samples first."""
    known = set(cases)
    found = []
    for case in known:
        kernel = KERNELS.get(case.kernel)  # a user's kernel has no twin
        if case.gil is True:
            other = replace(case, gil=False)
        elif case.gil is None and kernel is not None and kernel.twin and kernel.holds_gil:
            other = replace(case, kernel=kernel.twin)
        else:
            continue
        if other in known:
            found.append(CasePair(case, other))
    return tuple(sorted(found, key=lambda pair: (-pair.held.workers, -pair.held.total_samples, pair.held.mode)))


class GilComparison:
    """A comparison that is running or done: its pairs of cases, their last trials, and the cores during these trials."""

    def __init__(self, cases: Iterable[Case], run: int) -> None:
        self.pairs = find_pairs(cases)
        self.run = run
        self._cores: dict[Case, deque[float]] = {}
        self._trials: dict[Case, TrialLanes] = {}

    def note_cores(self, active: Case | None, shares: Iterable[float | None]) -> None:
        """Keep a reading of the cores for the case whose trial is running."""
        known = [share for share in shares if share is not None]
        if active is not None and known:
            kept = self._cores.setdefault(active, deque(maxlen=KEPT_READINGS))
            kept.append(sum(known) / len(known))

    def note_lanes(self, trial: TrialLanes) -> None:
        """Keep the lanes of a trial for its case, if the trial belongs to this comparison's run.

        The session keeps lanes only of the last run of a case, and of a few cases.
        """
        if trial.run == self.run:
            self._trials[trial.case] = trial

    def sides(self, session: Session, place: int) -> tuple[ComparisonSide, ComparisonSide]:
        """Return both sides of the pair with the number `place`."""
        pair = self.pairs[place]
        rows = {row.case: row for row in session.rows if row.run == self.run}

        def side(case: Case) -> ComparisonSide:
            row, trial = rows.get(case), self._trials.get(case)
            return ComparisonSide(
                name=_format_name(case, pair),
                case=case,
                result=row.result if row else None,
                lanes=trial.view() if trial else None,
                cores=tuple(self._cores.get(case, ())),
                active=bool(row and row.active),
                trial_s=_find_trial_wall(trial, row.result if row else None),
            )

        return side(pair.held), side(pair.released)


def _find_trial_wall(watched: TrialLanes | None, result: Result | None) -> float | None:
    """Return the wall of the trial whose lanes are kept; None before it is over."""
    if watched is None or result is None:
        return None
    same = (trial for trial in result.trials if (trial.kind, trial.number) == (watched.kind, watched.number))
    return next((trial.wall_s for trial in same), None)


def _format_name(case: Case, pair: CasePair) -> str:
    if case.gil is not None:
        return f"GIL {'on' if case.gil else 'off'}"
    return f"GIL {'held' if case is pair.held else 'released'} · {shorten_kernel_name(case.kernel)}"


def mean_cores_used(result: Result | None) -> float | None:
    """Return how many cores the workers used on average, CPU time divided by wall; None where the CPU time is unknown."""
    from pi_tui.analysis.losses import total_running_s  # not for the first frame: it brings `statistics` along

    trials = result.examined_trials if result else ()
    wall = sum(trial.wall_s for trial in trials)
    if wall <= 0:
        return None
    used = [seconds for trial in trials if (seconds := total_running_s(trial)) is not None]
    return sum(used) / wall if len(used) == len(trials) else None


def gil_wait_share(result: Result | None) -> tuple[float | None, bool]:
    """Return the share of the workers' time in the kernel that they waited for the GIL, and True where the GIL is the cause.

    It is computed from the workers whose lanes show what they waited for, if these did most of the waiting. Else the share is
    of all waiting, and the second value is False.
    """
    if result is None:
        return None, False
    from pi_tui.analysis.losses import require_known

    workers = [worker for trial in result.examined_trials for worker in trial.workers]
    explained = [worker for worker in workers if worker.gil_wait_s is not None]
    waited_s = sum(max(0.0, worker.waiting_s or 0.0) for worker in workers)
    busy_s = sum(require_known(worker.running_s) + require_known(worker.waiting_s) for worker in explained)
    if (
        busy_s <= 0
        or sum(max(0.0, require_known(worker.waiting_s)) for worker in explained) < LEAST_KNOWN_SHARE * waited_s
    ):
        return waiting_share(result), False
    return max(0.0, sum(worker.gil_wait_s or 0.0 for worker in explained) / busy_s), True


def summarize_comparison(held: ComparisonSide, released: ComparisonSide) -> str:
    """Compare the two sides in one or two sentences."""
    for side in (held, released):
        if side.result is not None and side.result.status != "ok":
            why = side.result.error.message if side.result.error is not None else side.result.status
            return f"{side.name}: {why.rstrip('.')}. There is nothing to compare."
    with_it = held.result.wall_s if held.result and held.result.measured_trials else None
    without = released.result.wall_s if released.result and released.result.measured_trials else None
    if with_it is None or without is None:
        return "A sentence appears here after the first measured trial of each side."
    workers = plural(held.case.workers, "thread")
    if held.case.workers == 1:
        walls = f"{format_seconds(with_it.median)} with it, {format_seconds(without.median)} without"
        return f"One thread has the GIL to itself: {walls}. Tick more workers."
    sentence = _compare_walls(workers, with_it.median, without.median, _describe_waiting(held.result))
    queued = _queued_share(released.result)
    if queued >= LEAST_TOLD_SHARE:
        sentence += f" Without it they were queued {share_text(queued)} of the time, as no core was free."
    return sentence


def _queued_share(result: Result | None) -> float:
    """Return the share of the wall in which the worker that finished last was ready, but had no core."""
    losses = result.losses if result is not None else None
    return (losses.queued or 0.0) / losses.workers if losses is not None else 0.0


def _describe_waiting(result: Result | None) -> str:
    """Describe how long the workers waited with the GIL as the end of a sentence; empty where it is little."""
    share, certain = gil_wait_share(result)
    if share is None or share < LEAST_TOLD_SHARE:
        return ""
    return f"; with it, they waited {share_text(share)} of the time for {'the GIL' if certain else 'their turn'}"


def _compare_walls(workers: str, with_s: float, without_s: float, waited: str) -> str:
    ratio = with_s / without_s
    if abs(ratio - 1) < SAME_WALL_SHARE:
        return f"Without the GIL {workers} took as long as with it, {format_seconds(without_s)}{waited}."
    if ratio > 1:
        return (
            f"Without the GIL {workers} took {format_seconds(without_s)} instead of {format_seconds(with_s)}: "
            f"{ratio:.2f} times as fast{waited}."
        )
    return (
        f"Without the GIL {workers} took {format_seconds(without_s)}, longer than {format_seconds(with_s)} with it: "
        f"something else holds them up{waited}."
    )
