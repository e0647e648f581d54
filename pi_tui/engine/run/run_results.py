"""The book of a run: what each case has come to so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from pi_tui.analysis.results import Case, Conditions, Machine, Result, Status, Trial
from pi_tui.analysis.summary import summarise_case
from pi_tui.engine.run.plan import Plan
from pi_tui.host.modes.catalog import MODES
from pi_tui.host.protocol import Failure

PATIENCE = 50
"""A case is summed up anew when it has grown by one trial in so many. A summary goes through all trials: after each of ten
thousand, that would be fifty million looks at a trial, and minutes."""


class Summary(NamedTuple):
    """A case's result, and what it was made of besides the trials."""

    state: tuple[object, ...]
    baseline: Result | None
    result: Result

    def outdated(self, page: Page, state: tuple[object, ...], baseline: Result | None) -> bool:
        """Whether the case has to be summed up anew."""
        before, now = len(self.result.trials), len(page.trials)
        grown = now - before
        has_grown = grown > 0 and (page.finished or grown >= before // PATIENCE)
        return has_grown or self.state != state or self.baseline is not baseline


@dataclass(slots=True)
class Page:
    """One case: its trials, and how it ended."""

    case: Case
    trials: list[Trial] = field(default_factory=list)
    status: Status = "ok"
    finished: bool = False
    error: Failure | None = None
    gil_enabled: bool | None = None
    gil_reenabled_by: str | None = None
    summary: Summary | None = None


class Book:
    """All cases of a plan, with their trials; gives a case's `Result` as it stands.

    Attributes:
        pages: one a case.
        kernels: those of the cases by name, with what was found out about a person's own when it was prepared.
    """

    def __init__(self, plan: Plan, *, in_app: bool = False) -> None:
        """Open a page for each case that will run and each that cannot."""
        self._plan = plan
        self.kernels = dict(plan.kernels)
        self._machine: Machine = plan.machine
        self._in_app = in_app
        self.pages: dict[Case, Page] = {case: Page(case) for case in plan.cases}
        for missing in plan.unavailable:
            failure = Failure("Unavailable", missing.reason)
            self.pages[missing.case] = Page(missing.case, status="unavailable", finished=True, error=failure)

    def result(self, case: Case) -> Result:
        """A case as it stands, compared with its baseline as that stands; both give or take one trial in `PATIENCE`.

        A case that has finished has all its trials in it, and all of a baseline that has finished too.
        """
        page = self.pages[case]
        baseline = None
        reference = self._plan.baseline_of(case)
        if reference != case and reference in self.pages and not self._in_app:
            baseline = self.result(reference)
        kernel = self.kernels[case.kernel]
        state = (page.status, page.finished, page.error, page.gil_enabled, page.gil_reenabled_by, kernel)
        if page.summary is None or page.summary.outdated(page, state, baseline):
            page.summary = Summary(state, baseline, self._summarise(page, baseline))
        return page.summary.result

    def _summarise(self, page: Page, baseline: Result | None) -> Result:
        case, kernel = page.case, self.kernels[page.case.kernel]
        return summarise_case(
            case,
            page.trials,
            Conditions(kernel, MODES[case.mode], self._machine, page.gil_reenabled_by, self._plan.request.until_stable),
            baseline=baseline,
            is_baseline=case in self._plan.baselines,
            status=page.status,
            finished=page.finished,
            error=page.error,
            repeat=max(self._plan.request.repeat, sum(trial.kind == "measured" for trial in page.trials)),
            seed=self._plan.seed,
            gil_enabled=page.gil_enabled,
            free_threaded_build=self._plan.interpreter(case).free_threaded_build,
            in_app=self._in_app,
        )

    def results(self) -> tuple[Result, ...]:
        """Every case as it stands, in the order of the plan."""
        return tuple(self.result(case) for case in self.pages)

    def open_cases(self) -> tuple[Case, ...]:
        """The cases of which more is to come."""
        return tuple(case for case, page in self.pages.items() if not page.finished)

    def close(self, case: Case, status: Status, error: Failure | None = None) -> Result:
        """End a case."""
        page = self.pages[case]
        page.finished, page.status, page.error = True, status, error
        return self.result(case)
