"""The results of a run: what each case has come to so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from pi_tui.analysis.results import Case, Conditions, Machine, Result, Status, Trial
from pi_tui.analysis.summary import summarise_case
from pi_tui.engine.run.plan import Plan
from pi_tui.host.modes.catalog import MODES
from pi_tui.host.protocol import Failure

REFRESH_DIVISOR = 50
"""A case is summed up anew when it has grown by one trial in so many. A summary goes through all trials: after each of ten
thousand, that would be fifty million looks at a trial, and minutes."""


class CaseSummary(NamedTuple):
    """A case's result, and what it was made of besides the trials."""

    state: tuple[object, ...]
    baseline: Result | None
    result: Result

    def is_outdated(self, record: CaseRecord, state: tuple[object, ...], baseline: Result | None) -> bool:
        """Whether the case has to be summed up anew."""
        before, now = len(self.result.trials), len(record.trials)
        grown = now - before
        has_grown = grown > 0 and (record.finished or grown >= before // REFRESH_DIVISOR)
        return has_grown or self.state != state or self.baseline is not baseline


@dataclass(slots=True)
class CaseRecord:
    """One case: its trials, and how it ended."""

    case: Case
    trials: list[Trial] = field(default_factory=list)
    status: Status = "ok"
    finished: bool = False
    error: Failure | None = None
    gil_enabled: bool | None = None
    gil_reenabled_by: str | None = None
    summary: CaseSummary | None = None


class RunResults:
    """All cases of a plan, with their trials; gives a case's `Result` as it stands.

    Attributes:
        records: one a case.
        kernels: those of the cases by name, with what was found out about a person's own when it was prepared.
    """

    def __init__(self, plan: Plan, *, in_app: bool = False) -> None:
        """Open a record for each case that will run and each that cannot."""
        self._plan = plan
        self.kernels = dict(plan.kernels)
        self._machine: Machine = plan.machine
        self._in_app = in_app
        self.records: dict[Case, CaseRecord] = {case: CaseRecord(case) for case in plan.cases}
        for missing in plan.unavailable:
            failure = Failure("Unavailable", missing.reason)
            self.records[missing.case] = CaseRecord(missing.case, status="unavailable", finished=True, error=failure)

    def get(self, case: Case) -> Result:
        """A case as it stands, compared with its baseline as that stands; both give or take one trial in `REFRESH_DIVISOR`.

        A case that has finished has all its trials in it, and all of a baseline that has finished too.
        """
        record = self.records[case]
        baseline = None
        reference = self._plan.find_baseline(case)
        if reference != case and reference in self.records and not self._in_app:
            baseline = self.get(reference)
        kernel = self.kernels[case.kernel]
        state = (record.status, record.finished, record.error, record.gil_enabled, record.gil_reenabled_by, kernel)
        if record.summary is None or record.summary.is_outdated(record, state, baseline):
            record.summary = CaseSummary(state, baseline, self._summarise(record, baseline))
        return record.summary.result

    def _summarise(self, record: CaseRecord, baseline: Result | None) -> Result:
        case, kernel = record.case, self.kernels[record.case.kernel]
        return summarise_case(
            case,
            record.trials,
            Conditions(
                kernel, MODES[case.mode], self._machine, record.gil_reenabled_by, self._plan.request.until_stable
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
        """Every case as it stands, in the order of the plan."""
        return tuple(self.get(case) for case in self.records)

    def list_open_cases(self) -> tuple[Case, ...]:
        """The cases of which more is to come."""
        return tuple(case for case, record in self.records.items() if not record.finished)

    def close_case(self, case: Case, status: Status, error: Failure | None = None) -> Result:
        """End a case."""
        record = self.records[case]
        record.finished, record.status, record.error = True, status, error
        return self.get(case)
