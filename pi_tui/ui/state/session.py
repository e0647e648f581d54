"""The session: the rows of all runs since the app was opened, which `event_reducer` fills from events."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from pi_tui.analysis.text.formatting import waiting_share
from pi_tui.ui.state.lane_history import LaneHistory

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pi_tui.analysis.results import Case, Interpreter, Machine, Result
    from pi_tui.engine.run.events import Progress

RowState = Literal["running", "ok", "failed", "unavailable", "stopped"]

KEPT_ROWS = 300
"""With more rows, the oldest runs are dropped when another begins, to bound memory; the history still has them."""


@dataclass(frozen=True, slots=True)
class StoredRunRef:
    """A stored run that rows come from.

    Attributes:
        run_id: its number in the history.
        when: its date and local time: "2026-01-02 03:04".
        usable_cores: the usable cores of the machine it was measured on, which bound the ideal speed-up.
        replay: the run is being replayed.
    """

    run_id: int
    when: str
    usable_cores: int
    replay: bool = False

    @property
    def label(self) -> str:
        """The name of the run: "run 3 of 2026-01-02 03:04"."""
        return f"{'replay of ' if self.replay else ''}run {self.run_id} of {self.when}"


@dataclass(frozen=True, slots=True)
class Row:
    """One case of one run at a moment.

    Attributes:
        number: the number of the row in the session, from 1.
        run: the number of the run in the session, from 1.
        active: one of its trials is running.
        result: None before its first trial is done.
        origin: the stored run that the row is from; None for a run of this session.
    """

    number: int
    run: int
    case: Case
    state: RowState
    active: bool
    result: Result | None
    in_app: bool = False
    origin: StoredRunRef | None = None

    @property
    def provisional(self) -> bool:
        """Whether no measured trial is done, so that the warm-up's figures are shown."""
        return self.state == "running" and (self.result is None or not self.result.measured_trials)

    @property
    def waiting(self) -> float | None:
        """The share of their time that its workers were blocked, as by `waiting_share`."""
        from pi_tui.ui.state.packed_result import PackedResult

        if self.result is None:
            return None
        return self.result.waiting if isinstance(self.result, PackedResult) else waiting_share(self.result)

    @property
    def baseline(self) -> bool:
        """Whether other rows are compared with it."""
        return self.result is not None and self.result.baseline


class Session:
    """The rows of the latest runs, and the progress of the present one.

    Attributes:
        rows: in the order of their numbers; those of the present run and of the one before are always among them.
        rows_dropped: how many rows were dropped from the beginning.
        activity: what the run does before its first trial.
        origin: the stored run that the present run is read from; None for a real run.
        environments: for each run, the machine and the interpreters it was made with.
    """

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.rows_dropped = 0
        self.runs = 0
        self.running = False
        self.stopping = False
        self.progress: Progress | None = None
        self.cases_done = 0
        self.cases_planned = 0
        self.activity = ""
        self.machine: Machine | None = None
        self.interpreters: dict[str, Interpreter] = {}
        self.lanes = LaneHistory()
        self.in_app = False
        self.origin: StoredRunRef | None = None
        self.environments: dict[int, tuple[Machine, tuple[Interpreter, ...]]] = {}
        self._numbers: dict[Case, int] = {}
        self._active: int | None = None

    @property
    def replay(self) -> StoredRunRef | None:
        """The stored run that is being replayed; None where none is."""
        return self.origin if self.running and self.origin is not None and self.origin.replay else None

    def begin(self, *, in_app: bool, origin: StoredRunRef | None = None) -> None:
        """Begin a run, or the reading of a stored one (`origin`), whose events follow; pack the results of the run before."""
        self._pack()
        self._drop_old_rows()
        self.runs += 1
        self.origin = origin
        self.running, self.stopping, self.in_app = True, False, in_app
        self.progress, self.cases_done, self.cases_planned = None, 0, 0
        self.activity = "starting the threads" if in_app else "starting the host"
        self.activity = "reading the history" if origin is not None else self.activity
        self._numbers = {}
        self._active = None

    def end(self) -> None:
        """End the run; rows that have not finished become stopped."""
        self.running, self.stopping, self.activity, self.progress = False, False, "", None
        self._active = None
        for number in self._numbers.values():
            if self.rows[self._index_of(number)].state == "running":
                self._replace(number, state="stopped", active=False)

    def row(self, number: int | None) -> Row | None:
        """Return the row with a number; None where it was dropped, and for None."""
        return None if number is None or number <= self.rows_dropped else self.rows[self._index_of(number)]

    @property
    def active_case(self) -> Case | None:
        """The case whose trial is running."""
        row = self.row(self._active)
        return row.case if row is not None else None

    def results(self, rows: Iterable[Row] | None = None, origin: StoredRunRef | None = None) -> tuple[Result, ...]:
        """Return the finished results of these rows (by default of all) in their order.

        They are those of this session's runs or, with `origin`, of that stored run. Results of threads inside the app, which
        are no measurements, are left out.
        """
        return tuple(
            row.result
            for row in (self.rows if rows is None else rows)
            if row.result is not None and row.state != "running" and not row.in_app and row.origin == origin
        )

    def record_environment(self, machine: Machine, interpreters: tuple[Interpreter, ...]) -> None:
        """Record the machine and interpreters of the present run; interpreters equal to earlier ones are kept once."""
        known = {each.id: each for _, earlier in self.environments.values() for each in earlier}
        same = tuple(known[each.id] if known.get(each.id) == each else each for each in interpreters)
        self.environments[self.runs] = (machine, same)

    def is_current(self, row: Row) -> bool:
        """Return whether a row belongs to the latest run."""
        return row.run == self.runs

    def activate(self, case: Case) -> None:
        """Mark a case as active, as one of its trials begins; make its row if it is the first."""
        before = self.row(self._active)
        if before is not None and before.active:
            self._replace(before.number, active=False)
        self._active = self._number_of(case)
        self._replace(self._active, active=True)

    def put_result(self, result: Result) -> None:
        """Put the result of a case, finished or not, into its row."""
        state: RowState = "running" if result.status == "ok" and not result.finished else result.status
        number = self._number_of(result.case)
        self._replace(number, state=state, active=False, result=result, in_app=self.in_app or result.in_app)

    def _pack(self) -> None:
        """Pack the results of the run before."""
        from pi_tui.ui.state.packed_result import PackedResult

        for number in self._numbers.values():
            result = self.rows[self._index_of(number)].result
            if result is not None and not isinstance(result, PackedResult):
                self._replace(number, result=PackedResult(result))

    def _drop_old_rows(self) -> None:
        """Drop the oldest runs with everything that is known about them while there are too many rows."""
        while len(self.rows) > KEPT_ROWS and (oldest := self.rows[0].run) < self.runs:
            dropped = sum(row.run == oldest for row in self.rows)
            del self.rows[:dropped]
            self.rows_dropped += dropped
            self.environments = {run: made for run, made in self.environments.items() if run > oldest}

    def _index_of(self, number: int) -> int:
        return number - 1 - self.rows_dropped

    def _number_of(self, case: Case) -> int:
        number = self._numbers.get(case)
        if number is None:
            number = self.rows_dropped + len(self.rows) + 1
            self._numbers[case] = number
            self.rows.append(Row(number, self.runs, case, "running", False, None, self.in_app, self.origin))
        return number

    def _replace(self, number: int, **changes: object) -> None:
        place = self._index_of(number)
        self.rows[place] = replace(self.rows[place], **changes)  # type: ignore[arg-type]
