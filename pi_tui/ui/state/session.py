"""Everything that was run since the app was opened, as rows; `ui.intake` fills it from events."""

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
"""With more than these, the oldest runs leave when another begins: the history has them, and memory has a bound."""


@dataclass(frozen=True, slots=True)
class StoredRunRef:
    """A stored run.

    Attributes:
        run_id: its number in the history.
        when: its day and time, as a person here reads it: "2026-01-02 03:04".
        usable_cores: of the machine it was measured on; it limits the ideal.
        replay: its events are played again as they came.
    """

    run_id: int
    when: str
    usable_cores: int
    replay: bool = False

    @property
    def label(self) -> str:
        """Which run it is, in a few words."""
        return f"{'replay of ' if self.replay else ''}run {self.run_id} of {self.when}"


@dataclass(frozen=True, slots=True)
class Row:
    """One case of one run as it stands.

    Attributes:
        number: counts all rows of the session, from 1.
        run: counts the runs of the session, from 1.
        active: one of its trials is being timed at this moment.
        result: None before its first trial is done.
        origin: the stored run it is from; None for what was measured since the app was opened.
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
        """Whether no measured trial is done: what is shown comes from the warm-up."""
        return self.state == "running" and (self.result is None or not self.result.measured_trials)

    @property
    def waiting(self) -> float | None:
        """The share of their time that its workers were blocked (`analysis.figures.waiting_share`)."""
        from pi_tui.ui.state.packed_result import PackedResult

        if self.result is None:
            return None
        return self.result.waiting if isinstance(self.result, PackedResult) else waiting_share(self.result)

    @property
    def baseline(self) -> bool:
        """Whether others are compared with it."""
        return self.result is not None and self.result.baseline


class Session:
    """The rows of the latest runs, and how far the present one is.

    Attributes:
        rows: by their numbers, those of the present run and of the one before always among them.
        left: so many rows, the first ones, have left.
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
        """The stored run that is being played; None where a run is real."""
        return self.origin if self.running and self.origin is not None and self.origin.replay else None

    def begin(self, *, in_app: bool, origin: StoredRunRef | None = None) -> None:
        """A run was asked for, or a stored one is told (`origin`); its events follow. Earlier ones are kept packed."""
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
        """The run is over: what never finished was stopped."""
        self.running, self.stopping, self.activity, self.progress = False, False, "", None
        self._active = None
        for number in self._numbers.values():
            if self.rows[self._index_of(number)].state == "running":
                self._replace(number, state="stopped", active=False)

    def row(self, number: int | None) -> Row | None:
        """The row with a number; None where it has left, and for None."""
        return None if number is None or number <= self.rows_dropped else self.rows[self._index_of(number)]

    @property
    def active_case(self) -> Case | None:
        """The case whose trial is being timed."""
        row = self.row(self._active)
        return row.case if row is not None else None

    def results(self, rows: Iterable[Row] | None = None) -> tuple[Result, ...]:
        """What is finished of these rows, in their order (of all by default).

        What ran inside the app is no measurement, and what is from the history is no new one.
        """
        return tuple(
            row.result
            for row in (self.rows if rows is None else rows)
            if row.result is not None and row.state != "running" and not row.in_app and row.origin is None
        )

    def record_environment(self, machine: Machine, interpreters: tuple[Interpreter, ...]) -> None:
        """The present run is made on this machine, with these interpreters; those that are as they were are kept once."""
        known = {each.id: each for _, earlier in self.environments.values() for each in earlier}
        same = tuple(known[each.id] if known.get(each.id) == each else each for each in interpreters)
        self.environments[self.runs] = (machine, same)

    def is_current(self, row: Row) -> bool:
        """Whether a row belongs to the latest run."""
        return row.run == self.runs

    def activate(self, case: Case) -> None:
        """A trial of a case begins; its row is made if it is the first."""
        before = self.row(self._active)
        if before is not None and before.active:
            self._replace(before.number, active=False)
        self._active = self._number_of(case)
        self._replace(self._active, active=True)

    def put_result(self, result: Result) -> None:
        """A case as it now stands."""
        state: RowState = "running" if result.status == "ok" and not result.finished else result.status
        number = self._number_of(result.case)
        self._replace(number, state=state, active=False, result=result, in_app=self.in_app or result.in_app)

    def _pack(self) -> None:
        """Keep the rows of the run that is over small."""
        from pi_tui.ui.state.packed_result import PackedResult

        for number in self._numbers.values():
            result = self.rows[self._index_of(number)].result
            if result is not None and not isinstance(result, PackedResult):
                self._replace(number, result=PackedResult(result))

    def _drop_old_rows(self) -> None:
        """While there are too many rows, the oldest run leaves with everything that is known of it."""
        while len(self.rows) > KEPT_ROWS and (oldest := self.rows[0].run) < self.runs:
            gone = sum(row.run == oldest for row in self.rows)
            del self.rows[:gone]
            self.rows_dropped += gone
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
