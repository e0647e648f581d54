"""The runs as lines of a list, and one run whole: figures as they were told, with the trials they were made from."""

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
"""What became of a run. One that came to its end without a failure is "ok" where every case ran, "partial" where some were
unavailable, "unavailable" where all were. Of one that is "unreadable" something in the list itself was damaged."""

_OUT_OF_SIGHT_S = 24 * 3600.0
"""A writer on another machine cannot be seen: after so long without a trial it is taken for gone."""

_LAST_MOMENT_S = 6e10
"""The year 3871, in seconds since the epoch; and so far before it, the year 68: what lies beyond is no time of day."""


@dataclass(frozen=True, slots=True)
class RunEntry:
    """One run in a list.

    Attributes:
        id: its number, never given away again.
        started_at, finished_at, deleted_at: seconds since the epoch; None for what has not happened. What cannot be read of a
            run that is unreadable is 0.0, None, 0 or "".
        state: "interrupted" is a run that is not finished and whose writer is gone.
        reason: why it broke off, or cannot be read; "" as a rule.
        title: what was run, in words.
        pythons: ids of the interpreters.
        cases, trials: how many are stored; `trials_planned` is how many trials there were to be.
        unavailable: how many of the cases could not be run there at all.
        reference: it is the one that others are compared with.
        lanes_left_out: trials whose lanes were too many to keep.
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
        """Whether it came to its end without a failure.

        It has as many trials as it was to have, but for cases that could not run.
        """
        return self.state in ("ok", "partial", "unavailable")


_COLUMNS = (*(field.name for field in fields(RunEntry)), "place", "pid", "born")
_COUNTED = {
    "unavailable": "(SELECT count(*) FROM cases WHERE run_id = runs.id AND status = 'unavailable') AS unavailable"
}
"""What lists show and no column holds."""
_SELECT = f"SELECT {', '.join(_COUNTED.get(name, name) for name in _COLUMNS)} FROM runs"
_KNOWN_START = f"typeof(started_at) = 'real' AND abs(started_at) < {_LAST_MOMENT_S}"
_LATEST_FIRST = f"ORDER BY CASE WHEN {_KNOWN_START} THEN started_at END DESC, id DESC"
"""Whose start cannot be read comes last."""
_MOMENTS = {"started_at": 0.0, "finished_at": None, "deleted_at": None}
_COUNTS = ("usable_cores", "cases", "unavailable", "trials", "trials_planned", "lanes_left_out")
_NUMBERS = (*_COUNTS, "seed", "pid", "born")
_OF_ANY_KIND = ("id", "reference")
"""The one is a number whatever happens; of the other it only matters whether it is 1."""


@dataclass(frozen=True, slots=True)
class TrialEntry:
    """One trial in a list. `position` is the number of its case, from 0; `wall_s` in seconds."""

    position: int
    kind: TrialKind
    number: int
    started_at: float
    wall_s: float


def list_runs(database: Database, *, deleted: bool = False, now: Callable[[], float] = time.time) -> list[RunEntry]:
    """All runs, the latest first; those that were deleted and can still be brought back instead, where `deleted`.

    A run whose row was damaged is "unreadable" and hides no other.
    """
    which = "IS NOT NULL" if deleted else "IS NULL"
    found = database.query(f"{_SELECT} WHERE deleted_at {which} {_LATEST_FIRST}")
    return [_make_entry(database, row, now) for row in found]


def get_run_entry(database: Database, run_id: int, *, now: Callable[[], float] = time.time) -> RunEntry:
    """One run, also a deleted one.

    Raises:
        UsageError: there is none of that number.
    """
    found = database.query(f"{_SELECT} WHERE id = ?", run_id)
    if not found:
        raise UsageError(f"there is no run {run_id} in the history")
    return _make_entry(database, found[0], now)


def get_readable_entry(database: Database, run_id: int, *, now: Callable[[], float] = time.time) -> RunEntry:
    """One run of which more is to be read than its line. Raises as `get_run_entry`, and a LogError where it is damaged."""
    line = get_run_entry(database, run_id, now=now)
    if line.state == "unreadable":
        raise LogError(f"run {run_id} cannot be read: {line.reason}")
    return line


def resolve_run_id(database: Database, word: str) -> int:
    """The number of the run that is meant: a number, `last` or `reference`.

    Raises:
        UsageError: there is none, or the word means nothing.
    """
    if word in ("last", "reference"):
        which = " AND reference = 1" if word == "reference" else ""
        query = f"SELECT id FROM runs WHERE deleted_at IS NULL{which} {_LATEST_FIRST} LIMIT 1"
        found = database.query(query)
        if not found:
            nothing = (
                "no run is marked as the reference" if word == "reference" else "there are no runs in the history yet"
            )
            raise UsageError(nothing)
        return int(found[0][0])
    if not (word.isascii() and word.isdecimal() and len(word) < 19):
        raise UsageError(f"{word!r} is no run: give its number, `last` or `reference`")
    return get_run_entry(database, int(word)).id


def load_run(database: Database, run_id: int) -> RunRecord:
    """One run whole. What was never finished is told as stopped, with the trials that it had.

    Raises:
        UsageError: there is none of that number.
        LogError: it cannot be read.
    """
    line = get_readable_entry(database, run_id)
    machine, interpreters = load_machine(database, run_id)
    trials = load_trials(database, run_id)
    repeat = _repeat(database, run_id)
    results = []
    for position, body, figures in _case_rows(database, run_id):
        case, own = unpack_as(Case, body), tuple(trials.get(position, ()))
        if figures is not None:
            result = build_result(unpack(figures), case, own)
        elif line.state == "running":
            continue
        else:
            result = _make_unstarted_result(case, interpreters, line.seed, repeat)
        if not result.finished and line.state != "running":
            result = replace(result, status="stopped", finished=True)
        results.append(result)
    return RunRecord(machine, interpreters, _in_final_order(database, run_id, results))


def load_request(database: Database, run_id: int) -> RunRequest | None:
    """What was asked; None for a run that came from a file without it."""
    ((packed,),) = database.query("SELECT request FROM runs WHERE id = ?", run_id) or [(None,)]
    return None if packed is None else unpack_as(RunRequest, packed)


def list_trials(database: Database, run_id: int) -> list[TrialEntry]:
    """The trials of a run in the order they were run, without their ledgers: a hundred thousand in a moment."""
    found = database.query(
        "SELECT position, kind, number, started_at, wall_s FROM trials WHERE run_id = ? ORDER BY id", run_id
    )
    return [TrialEntry(*_check_trial_row(row, run_id)) for row in found]


def load_machine(database: Database, run_id: int) -> tuple[Machine, tuple[Interpreter, ...]]:
    """What a run was measured with."""
    ((machine, interpreters),) = database.query("SELECT machine, interpreters FROM runs WHERE id = ?", run_id)
    return unpack_as(Machine, machine), tuple(build_as(Interpreter, each) for each in _list(unpack(interpreters)))


def load_cases(database: Database, run_id: int) -> dict[int, Case]:
    """The cases of a run by their number."""
    return {position: unpack_as(Case, body) for position, body, _ in _case_rows(database, run_id)}


def load_trials(database: Database, run_id: int) -> dict[int, list[Trial]]:
    """The trials of a run by the number of their case, in the order they were run; their ledgers are unpacked later."""
    trials: dict[int, list[Trial]] = {}
    found = database.query(
        "SELECT position, kind, number, started_at, wall_s, body FROM trials WHERE run_id = ? ORDER BY id", run_id
    )
    for *row, body in found:
        position, kind, number, started_at, wall_s = _check_trial_row(row, run_id)
        trials.setdefault(position, []).append(StoredTrial(kind, number, started_at, wall_s, body))
    return trials


def build_result(figures: Any, case: Case, trials: tuple[Trial, ...]) -> Result:
    """A result from its stored figures and what is stored beside them."""
    if not isinstance(figures, dict):
        raise LogError("a stored result cannot be read")
    result = build_as(Result, {**figures, "case": get_fields(case)})
    return replace(result, case=case, trials=trials)


def _check_trial_row(row: Sequence[Any], run_id: int) -> Sequence[Any]:
    """A trial's position, kind, number, start and wall, as they are stored: a column holds whatever was written there."""
    position, kind, number, started_at, wall_s = row
    counted = isinstance(position, int) and isinstance(number, int) and kind in get_args(TrialKind)
    began = isinstance(started_at, float) and abs(started_at) < _LAST_MOMENT_S
    if not (counted and began and isinstance(wall_s, float) and 0 <= wall_s < math.inf):
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
        values |= {"state": "unreadable", "reason": f"what is stored as its {which} makes no sense"}
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
    """Whether a column of a run holds what it is to hold; it holds whatever was written there."""
    if name in _MOMENTS:
        nothing_yet = value is None and name != "started_at"
        return nothing_yet or (isinstance(value, float) and abs(value) < _LAST_MOMENT_S)
    if name in _NUMBERS:
        return isinstance(value, int) and (value >= 0 or name not in _COUNTS)
    return isinstance(value, str) or name in _OF_ANY_KIND


def _has_live_writer(database: Database, run_id: int, started_at: float, writer: ProcessIdentity, now_s: float) -> bool:
    """Whether somebody still writes a run that has no end."""
    alive = is_alive(writer)
    if alive is not None:
        return alive
    ((last,),) = database.query("SELECT max(started_at) FROM trials WHERE run_id = ?", run_id)
    return now_s - max(started_at, last if isinstance(last, float) else 0.0) < _OUT_OF_SIGHT_S


def _repeat(database: Database, run_id: int) -> int:
    request = load_request(database, run_id)
    return request.repeat if request is not None else 0


def _make_unstarted_result(case: Case, interpreters: tuple[Interpreter, ...], seed: int, repeat: int) -> Result:
    """The result of a case whose turn never came."""
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
    """The results in the order in which the run told them at its end; by number where it came to none."""
    found = database.query("SELECT body FROM events WHERE run_id = ? AND kind = 'RunFinished'", run_id)
    if not found or len(results) != len(positions := unpack_as(StoredRunEnd, found[0][0]).positions):
        return tuple(results)
    if sorted(positions) != list(range(len(results))):
        raise LogError(f"the order of the results of run {run_id} cannot be read")
    return tuple(results[position] for position in positions)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
