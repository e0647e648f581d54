"""Compare two runs case by case: what changed, by how much, and whether the change exceeds noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Literal, Protocol

from pi_tui.analysis.bootstrap import MIN_TRIALS, ratio_interval
from pi_tui.analysis.results import Case, Interpreter, Interval, Machine, Result
from pi_tui.analysis.text.formatting import plural
from pi_tui.analysis.text.prose import format_seconds, significant

Verdict = Literal["faster", "slower", "noise", "not comparable"]

MIN_CHANGE = 0.02
"""Runs at different times of day differ by this share of the time without any cause in the program."""

_LOSS_NAMES = {
    "startup": "start-up",
    "queued": "queueing for a core",
    "waiting": "waiting",
    "between": "time between tasks",
    "extra": "cores busy without progress",
    "imbalance": "uneven work",
    "collect": "collecting results",
}


class MeasuredRun(Protocol):
    """A run that can be compared, such as `storage.run_record.RunRecord`."""

    @property
    def machine(self) -> Machine:
        """The machine it was measured on."""

    @property
    def interpreters(self) -> tuple[Interpreter, ...]:
        """The interpreters it was measured with."""

    @property
    def results(self) -> tuple[Result, ...]:
        """The results, in the order of the run."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A condition that differs between two measurements, in words."""

    what: str
    before: str
    after: str

    @property
    def sentence(self) -> str:
        """The difference as a phrase."""
        return f"{self.what}: {self.before or 'none'} before, {self.after or 'none'} after"


@dataclass(frozen=True, slots=True)
class CaseComparison:
    """One case in both runs.

    Attributes:
        case: as it is in the later run.
        verdict: "noise" if the change does not exceed noise.
        before_s, after_s: medians of the measured walls, in seconds; None without measured trials.
        ratio: after / before, below 1 if it became faster; None if the two cannot be compared.
        interval: of the ratio, from the trials.
        differences: conditions that differ between the two measurements of this case.
        sentence: the text shown to users.
    """

    case: Case
    verdict: Verdict
    before_s: float | None
    after_s: float | None
    ratio: float | None
    interval: Interval | None
    differences: tuple[Difference, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs.

    Attributes:
        cases: those in both runs, in the order of the later run.
        only_before, only_after: cases without a partner.
        differences: conditions that differ between the two runs; figures are compared all the same.
    """

    cases: tuple[CaseComparison, ...]
    only_before: tuple[Case, ...]
    only_after: tuple[Case, ...]
    differences: tuple[Difference, ...]


def compare_runs(before: MeasuredRun, after: MeasuredRun) -> Comparison:
    """Compare two runs. A case is matched with itself, or else with the same case on another interpreter."""
    pairs = _pair_results(before.results, after.results)
    old, new = ({each.id: each for each in run.interpreters} for run in (before, after))
    compared = tuple(_compare_case(one, other, old, new) for one, other in pairs)
    matched_before = {one.case for one, _ in pairs}
    matched_after = {other.case for _, other in pairs}
    return Comparison(
        compared,
        tuple(result.case for result in before.results if result.case not in matched_before),
        tuple(result.case for result in after.results if result.case not in matched_after),
        _compare_machines(before.machine, after.machine),
    )


def _pair_results(before: Sequence[Result], after: Sequence[Result]) -> list[tuple[Result, Result]]:
    """Return pairs of results of the same case; the rest is paired by all but the interpreter, if that is unambiguous."""
    exact = {result.case: result for result in before}
    partners = {result.case: exact.pop(result.case) for result in after if result.case in exact}
    free: dict[Case, list[Result]] = {}
    for result in exact.values():
        free.setdefault(_without_interpreter(result.case), []).append(result)
    wanting = [_without_interpreter(result.case) for result in after if result.case not in partners]
    for result in after:
        key = _without_interpreter(result.case)
        if result.case not in partners and wanting.count(key) == 1 == len(free.get(key, ())):
            partners[result.case] = free[key][0]
    return [(partners[result.case], result) for result in after if result.case in partners]


def _without_interpreter(case: Case) -> Case:
    return replace(case, python="")


def _compare_case(
    before: Result, after: Result, old: dict[str, Interpreter], new: dict[str, Interpreter]
) -> CaseComparison:
    differences = _compare_conditions(before, after, old.get(before.case.python), new.get(after.case.python))
    walls = [[trial.wall_s for trial in result.measured_trials] for result in (before, after)]
    before_s, after_s = (median(each) if each else None for each in walls)
    obstacle = _find_obstacle(before, after, walls)
    if obstacle or before_s is None or after_s is None:
        sentence = f"Not comparable: {obstacle}."
        return CaseComparison(after.case, "not comparable", before_s, after_s, None, None, differences, sentence)
    interval = ratio_interval(walls[1], walls[0])
    ratio = after_s / before_s
    verdict = _judge_change(ratio, interval)
    sentence = _describe_change(verdict, before, after, before_s, after_s, interval)
    return CaseComparison(after.case, verdict, before_s, after_s, ratio, interval, differences, sentence)


def _find_obstacle(before: Result, after: Result, walls: Sequence[Sequence[float]]) -> str:
    """Return why two results cannot be compared; "" if they can."""
    for when, result, times in (("before", before, walls[0]), ("after", after, walls[1])):
        if result.in_app:
            return f"{when}, it ran inside the app, which is not a measurement"
        if result.status in ("failed", "unavailable"):
            return f"{when}, it was {result.status}" if result.status == "unavailable" else f"{when}, it failed"
        if len(times) < MIN_TRIALS:
            return (
                f"{when}, {plural(len(times), 'repeat')} {'was' if len(times) == 1 else 'were'} measured, but at "
                f"least {MIN_TRIALS} are needed to tell a change from noise"
            )
        if min(times) <= 0:
            return f"{when}, a trial took no time"
    return ""


def _judge_change(ratio: float, interval: Interval | None) -> Verdict:
    if interval is None or interval.low <= 1.0 <= interval.high or abs(ratio - 1.0) < MIN_CHANGE:
        return "noise"
    return "faster" if ratio < 1.0 else "slower"


def _describe_change(
    verdict: Verdict, before: Result, after: Result, before_s: float, after_s: float, interval: Interval | None
) -> str:
    change = f"{format_seconds(before_s)} before, {format_seconds(after_s)} after"
    between = "" if interval is None else f" ({_format_share(interval.low)} to {_format_share(interval.high)})"
    times = f"{_format_share(after_s / before_s)} of the time{between}"
    if verdict == "noise":
        return f"No more than noise: {change}, {times}."
    cause = _describe_cause(before, after, grown=verdict == "slower")
    return f"{verdict.capitalize()}: {change}, {times}{cause}."


def _describe_cause(before: Result, after: Result, *, grown: bool) -> str:
    """Return the loss that changed most in the direction of the verdict; "" if none changed notably."""
    if before.losses is None or after.losses is None:
        return ""
    changes = {}
    for name in _LOSS_NAMES:
        old, new = getattr(before.losses, name), getattr(after.losses, name)
        if old is not None and new is not None:
            changes[name] = new - old
    name = (max if grown else min)(changes, key=lambda each: changes[each], default="")
    change = changes.get(name, 0.0)
    if abs(change) < 0.05 or (change > 0) is not grown:
        return ""
    return f"; {_LOSS_NAMES[name]} took {abs(change):.2f} workers {'more' if grown else 'less'}"


def _format_share(ratio: float) -> str:
    return f"{significant(100 * ratio, 3):.4g}%"


def _compare_machines(before: Machine, after: Machine) -> tuple[Difference, ...]:
    pairs = (
        ("processor", before.processor, after.processor),
        ("usable cores", f"{before.usable_cores}", f"{after.usable_cores}"),
        ("system", before.system, after.system),
    )
    return _list_differences(pairs)


def _compare_conditions(
    before: Result, after: Result, old: Interpreter | None, new: Interpreter | None
) -> tuple[Difference, ...]:
    pairs = [
        ("Python", before.case.python, after.case.python),
        ("GIL", _format_switch(before.gil_enabled), _format_switch(after.gil_enabled)),
    ]
    if old is not None and new is not None:
        pairs.append(("implementation", old.implementation, new.implementation))
        libraries = sorted(old.packages.keys() | new.packages.keys())
        pairs += [(name, old.packages.get(name, ""), new.packages.get(name, "")) for name in libraries]
    return _list_differences(pairs)


def _list_differences(pairs: Sequence[tuple[str, str, str]]) -> tuple[Difference, ...]:
    return tuple(Difference(what, old, new) for what, old, new in pairs if old != new)


def _format_switch(enabled: bool | None) -> str:
    return "not known" if enabled is None else "on" if enabled else "off"
