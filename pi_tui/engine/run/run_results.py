"""Keep the trials of a run, and summarise each case as it grows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from pi_tui.analysis.results import Case, Conditions, Machine, NeighbouringRow, Result, Status, Trial
from pi_tui.analysis.summary import summarise_case
from pi_tui.engine.run.plan import Plan
from pi_tui.host.modes.catalog import MODES
from pi_tui.host.protocol import Failure

REFRESH_DIVISOR = 50
"""A case is summarised again when its trials have grown by one in this many.

A summary goes through all trials. After each of ten thousand trials, that would be fifty million steps and minutes.
"""


class CaseSummary(NamedTuple):
    """A case's result, and what it was made of besides the trials."""

    state: tuple[object, ...]
    baseline: Result | None
    result: Result

    def is_outdated(self, record: CaseRecord, state: tuple[object, ...], baseline: Result | None) -> bool:
        """Return whether the case has to be summarised again."""
        before, now = len(self.result.trials), len(record.trials)
        grown = now - before
        has_grown = grown > 0 and (record.finished or grown >= before // REFRESH_DIVISOR)
        return has_grown or self.state != state or self.baseline is not baseline


@dataclass(slots=True)
class CaseRecord:
    """One case: its trials, how it ended, and the rows beside it as they were then."""

    case: Case
    trials: list[Trial] = field(default_factory=list)
    status: Status = "ok"
    finished: bool = False
    error: Failure | None = None
    gil_enabled: bool | None = None
    gil_reenabled_by: str | None = None
    neighbours: tuple[NeighbouringRow, ...] = ()
    summary: CaseSummary | None = None


class RunResults:
    """All cases of a plan with their trials; makes each case's `Result` on request.

    Attributes:
        records: one per case.
        kernels: the kernels of the cases by name, with what was found out about the user's kernels in the host.
    """

    def __init__(self, plan: Plan, *, in_app: bool = False) -> None:
        """Make a record for each case that will run and each that cannot."""
        self._plan = plan
        self.kernels = dict(plan.kernels)
        self._machine: Machine = plan.machine
        self._in_app = in_app
        self.records: dict[Case, CaseRecord] = {case: CaseRecord(case) for case in plan.cases}
        for missing in plan.unavailable:
            failure = Failure("Unavailable", missing.reason)
            self.records[missing.case] = CaseRecord(missing.case, status="unavailable", finished=True, error=failure)

    def get(self, case: Case) -> Result:
        """Return the result of a case so far, compared with its baseline so far.

        Both lag behind by at most one trial in `REFRESH_DIVISOR`. A finished case contains all its trials, and all of its
        baseline's if that has finished too.
        """
        record = self.records[case]
        baseline = None
        reference = self._plan.find_baseline(case)
        if reference != case and reference in self.records and not self._in_app:
            baseline = self.get(reference)
        kernel = self.kernels[case.kernel]
        if record.finished and not record.neighbours:
            record.neighbours = self._list_neighbours(case)
        state = (
            record.status,
            record.finished,
            record.error,
            record.gil_enabled,
            record.gil_reenabled_by,
            kernel,
            record.neighbours,
        )
        if record.summary is None or record.summary.is_outdated(record, state, baseline):
            record.summary = CaseSummary(state, baseline, self._summarise(record, baseline))
        return record.summary.result

    def _summarise(self, record: CaseRecord, baseline: Result | None) -> Result:
        case, kernel = record.case, self.kernels[record.case.kernel]
        return summarise_case(
            case,
            record.trials,
            Conditions(
                kernel,
                MODES[case.mode],
                self._machine,
                record.gil_reenabled_by,
                self._plan.request.until_stable,
                len(self._plan.cases),
                record.neighbours,
            ),
            baseline=baseline,
            is_baseline=case in self._plan.baselines,
            status=record.status,
            finished=record.finished,
            error=record.error,
            repeat=max(self._plan.request.repeat, sum(trial.kind == "measured" for trial in record.trials)),
            seed=self._plan.seed,
            gil_enabled=record.gil_enabled,
            free_threaded_build=self._plan.interpreter(case).free_threaded_build,
            in_app=self._in_app,
        )

    def get_all(self) -> tuple[Result, ...]:
        """Return the results of all cases so far, in the order of the plan, each judged beside all others."""
        for case, record in self.records.items():
            self.get(case)
            if record.finished:
                record.neighbours = self._list_neighbours(case)
        return tuple(self.get(case) for case in self.records)

    def _list_neighbours(self, case: Case) -> tuple[NeighbouringRow, ...]:
        """Return the rows of the run that differ from a case by mode or workers alone, as far as they have been measured."""
        rows = []
        for other, record in self.records.items():
            alike = (other.kernel, other.python, other.gil, other.samples, other.split) == (
                case.kernel,
                case.python,
                case.gil,
                case.samples,
                case.split,
            )
            result = record.summary.result if record.summary else None
            if not alike or other == case or result is None or result.baseline or not result.measured_trials:
                continue
            if result.speedup is not None:
                made_of = MODES[other.mode].made_of
                rows.append(
                    NeighbouringRow(
                        other.mode, made_of, other.start_method, other.workers, other.tasks, round(result.speedup, 2)
                    )
                )
        return tuple(rows)

    def list_open_cases(self) -> tuple[Case, ...]:
        """Return the cases that are not finished."""
        return tuple(case for case, record in self.records.items() if not record.finished)

    def close_case(self, case: Case, status: Status, error: Failure | None = None) -> Result:
        """Finish a case with a status."""
        record = self.records[case]
        record.finished, record.status, record.error = True, status, error
        return self.get(case)
