"""Reads the list of runs, and single runs with the figures that were reported and the trials they were computed from."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args

from pi_tui.analysis.results import Case, Interpreter, Machine, Result, Trial, TrialKind
from pi_tui.engine.errors import LogError, UsageError
from pi_tui.engine.run.request import RunRequest
from pi_tui.observe.meters.process_identity import ProcessIdentity, is_alive
from pi_tui.storage.history.codec import build_as, get_fields, unpack, unpack_as
from pi_tui.storage.history.database import Database
from pi_tui.storage.history.event_rows import StoredRunEnd
from pi_tui.storage.history.stored_trial import StoredTrial
from pi_tui.storage.run_record import RunRecord

State = Literal["ok", "partial", "unavailable", "failed", "stopped", "interrupted", "running", "unreadable"]
"""How a run ended. A run that finished without a failure is "ok" if every case ran, "partial" if some were unavailable,
"unavailable" if all were. An "unreadable" run has a damaged row in the list of runs.
"""

_OUT_OF_SIGHT_S = 24 * 3600.0
"""Whether a writer on another machine is alive is unknown; after this long without a trial it counts as gone."""

_LAST_MOMENT_S = 6e10
"""The year 3871 in seconds since the epoch; its negative is the year 68. Times beyond either are invalid."""


@dataclass(frozen=True, slots=True)
class RunEntry:
    """One run in the list of runs.

    Attributes:
        id: its number, which no other run ever gets.
        started_at, finished_at, deleted_at: seconds since the epoch; None for what has not happened. In an unreadable run,
            fields that cannot be read are 0.0, None, 0 or "".
        state: "interrupted" is an unfinished run whose writer is gone.
        reason: why the run stopped early or cannot be read; usually "".
        title: what was run, in words.
        pythons: ids of the interpreters.
        cases, trials: stored so far; `trials_planned` is the planned number of trials.
        unavailable: number of cases that could not run on that machine.
        reference: whether this is the run that others are compared with.
        lanes_left_out: number of trials whose lanes were too long to store.
    """

    id: int
    started_at: float
    finished_at: float | None
    state: State
    reason: str
    title: str
    kernels: tuple[str, ...]
    modes: tuple[str, ...]
    pythons: tuple[str, ...]
    processor: str
    usable_cores: int
    cases: int
    unavailable: int
    trials: int
    trials_planned: int
    seed: int
    pi_tui: str
    host: str
    note: str
    reference: bool
    deleted_at: float | None
    lanes_left_out: int

    @property
    def completed(self) -> bool:
        """Whether the run finished without a failure; cases that could not run have no trials."""
        return self.state in ("ok", "partial", "unavailable")


_COLUMNS = (*(field.name for field in fields(RunEntry)), "place", "pid", "born")
_COUNTED = {
    "unavailable": "(SELECT count(*) FROM cases WHERE run_id = runs.id AND status = 'unavailable') AS unavailable"
}
"""Shown in lists, but computed rather than stored in a column."""
_SELECT = f"SELECT {', '.join(_COUNTED.get(name, name) for name in _COLUMNS)} FROM runs"
_KNOWN_START = f"typeof(started_at) = 'real' AND abs(started_at) < {_LAST_MOMENT_S}"
_LATEST_FIRST = f"ORDER BY CASE WHEN {_KNOWN_START} THEN started_at END DESC, id DESC"
"""Runs with an unreadable start come last."""
_MOMENTS = {"started_at": 0.0, "finished_at": None, "deleted_at": None}
_COUNTS = ("usable_cores", "cases", "unavailable", "trials", "trials_planned", "lanes_left_out")
_NUMBERS = (*_COUNTS, "seed", "pid", "born")
_OF_ANY_KIND = ("id", "reference")
"""Not checked: `id` is always an integer, and `reference` counts only if it equals 1."""


@dataclass(frozen=True, slots=True)
class TrialEntry:
    """One trial in a list. `position` is the index of its case, from 0; `wall_s` is in seconds."""

    position: int
    kind: TrialKind
    number: int
    started_at: float
    wall_s: float


def list_runs(database: Database, *, deleted: bool = False, now: Callable[[], float] = time.time) -> list[RunEntry]:
    """List all runs, the latest first; with `deleted`, those that were deleted and can still be brought back.

    A run with a damaged row is listed as "unreadable".
    """
    which = "IS NOT NULL" if deleted else "IS NULL"
    found = database.query(f"{_SELECT} WHERE deleted_at {which} {_LATEST_FIRST}")
    return [_make_entry(database, row, now) for row in found]


def get_run_entry(database: Database, run_id: int, *, now: Callable[[], float] = time.time) -> RunEntry:
    """Return one run, deleted or not.

    Raises:
        UsageError: no run has that number.
    """
    found = database.query(f"{_SELECT} WHERE id = ?", run_id)
    if not found:
        raise UsageError(f"there is no run {run_id} in the history")
    return _make_entry(database, found[0], now)


def get_readable_entry(database: Database, run_id: int, *, now: Callable[[], float] = time.time) -> RunEntry:
    """Return one run whose other rows will be read too.

    Raises:
        UsageError: no run has that number.
        LogError: the run is unreadable.
    """
    line = get_run_entry(database, run_id, now=now)
    if line.state == "unreadable":
        raise LogError(f"run {run_id} cannot be read: {line.reason}")
    return line


def resolve_run_id(database: Database, word: str) -> int:
    """Return the number of the run that a word names: a number, `last` or `reference`.

    Raises:
        UsageError: there is no such run, or the word is none of these.
    """
    if word in ("last", "reference"):
        which = " AND reference = 1" if word == "reference" else ""
        query = f"SELECT id FROM runs WHERE deleted_at IS NULL{which} {_LATEST_FIRST} LIMIT 1"
        found = database.query(query)
        if not found:
            message = (
                "no run is marked as the reference" if word == "reference" else "there are no runs in the history yet"
            )
            raise UsageError(message)
        return int(found[0][0])
    if not (word.isascii() and word.isdecimal() and len(word) < 19):
        raise UsageError(f"there is no run {word!r}: give a number, `last` or `reference`")
    return get_run_entry(database, int(word)).id


def load_run(database: Database, run_id: int) -> RunRecord:
    """Load one run with all results. Unfinished cases have the status "stopped" and the trials they had.

    Raises:
        UsageError: no run has that number.
        LogError: the run cannot be read.
    """
    line = get_readable_entry(database, run_id)
    machine, interpreters = load_machine(database, run_id)
    trials = load_trials(database, run_id)
    repeat = _repeat(database, run_id)
    results = []
    for position, body, figures in _case_rows(database, run_id):
        case, case_trials = unpack_as(Case, body), tuple(trials.get(position, ()))
        if figures is not None:
            result = build_result(unpack(figures), case, case_trials)
        elif line.state == "running":
            continue
        else:
            result = _make_unstarted_result(case, interpreters, line.seed, repeat)
        if not result.finished and line.state != "running":
            result = replace(result, status="stopped", finished=True)
        results.append(result)
    return RunRecord(machine, interpreters, _in_final_order(database, run_id, results))


def load_request(database: Database, run_id: int) -> RunRequest | None:
    """Load the request of a run; None for a run that was imported from a file without it."""
    ((packed,),) = database.query("SELECT request FROM runs WHERE id = ?", run_id) or [(None,)]
    return None if packed is None else unpack_as(RunRequest, packed)


def list_trials(database: Database, run_id: int) -> list[TrialEntry]:
    """List the trials of a run in the order they ran, without their ledgers, which makes 100 000 trials fast to list."""
    found = database.query(
        "SELECT position, kind, number, started_at, wall_s FROM trials WHERE run_id = ? ORDER BY id", run_id
    )
    return [TrialEntry(*_check_trial_row(row, run_id)) for row in found]


def load_machine(database: Database, run_id: int) -> tuple[Machine, tuple[Interpreter, ...]]:
    """Load the machine and the interpreters of a run."""
    ((machine, interpreters),) = database.query("SELECT machine, interpreters FROM runs WHERE id = ?", run_id)
    return unpack_as(Machine, machine), tuple(build_as(Interpreter, each) for each in _list(unpack(interpreters)))


def load_cases(database: Database, run_id: int) -> dict[int, Case]:
    """Load the cases of a run by position."""
    return {position: unpack_as(Case, body) for position, body, _ in _case_rows(database, run_id)}


def load_trials(database: Database, run_id: int) -> dict[int, list[Trial]]:
    """Load the trials of a run by the position of their case, in the order they ran; ledgers are unpacked on first use."""
    trials: dict[int, list[Trial]] = {}
    found = database.query(
        "SELECT position, kind, number, started_at, wall_s, body FROM trials WHERE run_id = ? ORDER BY id", run_id
    )
    for *row, body in found:
        position, kind, number, started_at, wall_s = _check_trial_row(row, run_id)
        trials.setdefault(position, []).append(StoredTrial(kind, number, started_at, wall_s, body))
    return trials


def build_result(figures: Any, case: Case, trials: tuple[Trial, ...]) -> Result:
    """Build a result from its stored figures and from what other tables hold."""
    if not isinstance(figures, dict):
        raise LogError("a stored result cannot be read")
    result = build_as(Result, {**figures, "case": get_fields(case)})
    return replace(result, case=case, trials=trials)


def _check_trial_row(row: Sequence[Any], run_id: int) -> Sequence[Any]:
    """Return a trial's position, kind, number, start and wall after checking them; SQLite enforces no types."""
    position, kind, number, started_at, wall_s = row
    is_counted = isinstance(position, int) and isinstance(number, int) and kind in get_args(TrialKind)
    is_dated = isinstance(started_at, float) and abs(started_at) < _LAST_MOMENT_S
    if not (is_counted and is_dated and isinstance(wall_s, float) and 0 <= wall_s < math.inf):
        raise LogError(f"a stored trial of run {run_id} cannot be read")
    return row


def _case_rows(database: Database, run_id: int) -> list[Any]:
    return database.query("SELECT position, body, result FROM cases WHERE run_id = ? ORDER BY position", run_id)


def _make_entry(database: Database, row: Sequence[Any], now: Callable[[], float]) -> RunEntry:
    values = dict(zip(_COLUMNS, row, strict=True))
    damaged = [name for name, value in values.items() if not _is_valid(name, value)]
    if damaged:
        which = " and ".join(name.replace("_", " ") for name in damaged)
        values |= {name: _MOMENTS.get(name, 0 if name in _NUMBERS else "") for name in damaged}
        values |= {"state": "unreadable", "reason": f"its stored {which} is invalid"}
    writer = ProcessIdentity(*(values.pop(name) for name in ("host", "place", "pid", "born")))
    state: State = values["state"] if values["state"] in get_args(State) else "failed"
    if state == "running" and not _has_live_writer(database, values["id"], values["started_at"], writer, now()):
        state = "interrupted"
    elif state == "ok" and values["unavailable"]:
        state = "unavailable" if values["unavailable"] == values["cases"] else "partial"
    names = {key: tuple(filter(None, values[key].split("\n"))) for key in ("kernels", "modes", "pythons")}
    changed = {"state": state, "host": writer.host, "reference": bool(values["reference"])}
    return RunEntry(**{**values, **names, **changed})


def _is_valid(name: str, value: Any) -> bool:
    """Return whether a stored value has its column's type and range; SQLite enforces neither."""
    if name in _MOMENTS:
        is_pending = value is None and name != "started_at"
        return is_pending or (isinstance(value, float) and abs(value) < _LAST_MOMENT_S)
    if name in _NUMBERS:
        return isinstance(value, int) and (value >= 0 or name not in _COUNTS)
    return isinstance(value, str) or name in _OF_ANY_KIND


def _has_live_writer(database: Database, run_id: int, started_at: float, writer: ProcessIdentity, now_s: float) -> bool:
    """Return whether the program that writes an unfinished run is still alive."""
    alive = is_alive(writer)
    if alive is not None:
        return alive
    ((last,),) = database.query("SELECT max(started_at) FROM trials WHERE run_id = ?", run_id)
    return now_s - max(started_at, last if isinstance(last, float) else 0.0) < _OUT_OF_SIGHT_S


def _repeat(database: Database, run_id: int) -> int:
    request = load_request(database, run_id)
    return request.repeat if request is not None else 0


def _make_unstarted_result(case: Case, interpreters: tuple[Interpreter, ...], seed: int, repeat: int) -> Result:
    """Build the result of a case that had not started when the run ended."""
    return Result(
        case=case,
        baseline=False,
        status="stopped",
        finished=True,
        error=None,
        repeat=repeat,
        seed=seed,
        gil_enabled=None,
        free_threaded_build=any(each.id == case.python and each.free_threaded_build for each in interpreters),
    )


def _in_final_order(database: Database, run_id: int, results: list[Result]) -> tuple[Result, ...]:
    """Return the results in the order of the RunFinished event; by position if there is none."""
    found = database.query("SELECT body FROM events WHERE run_id = ? AND kind = 'RunFinished'", run_id)
    if not found or len(results) != len(positions := unpack_as(StoredRunEnd, found[0][0]).positions):
        return tuple(results)
    if sorted(positions) != list(range(len(results))):
        raise LogError(f"the order of the results of run {run_id} cannot be read")
    return tuple(results[position] for position in positions)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
