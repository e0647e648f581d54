"""The JSON lines that `pi-tui watch --format jsonl` prints, with a version. Within a version, fields may be added."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Sequence
from typing import Any

from pi_tui.analysis.results import Advice
from pi_tui.analysis.watch.watch_record import ThreadLedger, WatchedThread, WatchRecord, cut_last_second
from pi_tui.host.watch_protocol import ThreadSeen, WatchEnded

VERSION = 1
_DIGITS = 6


def format_reading(record: WatchRecord) -> str:
    """Format the program's state at one moment: all threads that exist or ended a moment ago."""
    shown = record.visible_threads
    threads = [_thread(record, thread, lane=True) for thread in shown]
    return _line({"kind": "reading", **_head(record, {each.latest.pid for each in shown}), "threads": threads})


def format_summary(record: WatchRecord, ended: WatchEnded, exit_code: int, sentences: Sequence[Advice]) -> str:
    """Format the whole watch: all threads that were seen, and the verdict."""
    threads = [_thread(record, thread, lane=False) for thread in record.threads]
    verdict = [
        {"code": str(advice.code), "sentence": advice.sentence, "evidence": _rounded(advice.evidence)}
        for advice in sentences
    ]
    return _line(
        {
            "kind": "summary",
            **_head(record, set(record.processes)),
            "why": ended.why,
            "program_exit_code": ended.exit_code,
            "exit_code": exit_code,
            "outlived": ended.outlived,
            "survivors": list(ended.survivors),
            "threads_forgotten": record.forgotten,
            "verdict": verdict,
            "threads": threads,
        }
    )


def _line(fields: dict[str, Any]) -> str:
    return json.dumps({"pi_tui_watch": VERSION, **fields}, ensure_ascii=False, allow_nan=False) + "\n"


def _head(record: WatchRecord, pids: set[int]) -> dict[str, Any]:
    latest = record.latest
    return {
        "elapsed_s": _round(record.elapsed_s),
        "certainty": record.certainty,
        "rate_hz": None if record.rate_hz is None else round(record.rate_hz, 1),
        "period_ns": record.period_ns,
        "missed": 0 if latest is None else latest.missed,
        "watcher_cost": None if latest is None else latest.cost,
        "threads_unwatched": 0 if latest is None else latest.unwatched,
        "core_use": _core_use(record),
        "processes": [
            {
                "pid": process.pid,
                "parent": process.parent,
                "command": process.command,
                "python": process.python or None,
                "gil": process.gil,
            }
            for process in record.processes.values()
            if process.pid in pids
        ],
    }


def _thread(record: WatchRecord, thread: WatchedThread, *, lane: bool) -> dict[str, Any]:
    state = thread.latest
    fields: dict[str, Any] = {
        "pid": state.pid,
        "tid": state.tid,
        "name": state.name,
        "python_name": record.name_thread(state).python,
        "label": record.name_thread(state).shown,
        "ended": state.ended,
        "certainty": "system call" if state.calls else "state",
        "since_s": state.since_s,
        "waits_at": state.waits_at or None,
        "allowed_cores": None if state.allowed_cores is None else list(state.allowed_cores),
        "major_faults": state.major_faults,
        "gil_contention": _contention(state),
        "event_loop": _event_loop(thread),
        "total": _ledger(thread.total_ledger()),
    }
    if lane:
        fields["recent"] = _ledger(thread.recent_ledger())
        fields["runs"] = encode_run_lengths(cut_last_second(thread, record.period_ns))
    return fields


def _contention(state: ThreadSeen) -> dict[str, Any] | None:
    """Return what the thread did while any thread of its process waited for the GIL; None if none did or it is unknown."""
    if not state.gil_contended:
        return None
    return {
        "ran_share": _round(state.gil_ran / state.gil_contended),
        "blocked_share": _round(state.gil_blocked / state.gil_contended),
        "blocked_at": state.gil_blocked_at or None,
    }


def _event_loop(thread: WatchedThread) -> dict[str, Any] | None:
    """Return how long the thread was away from its selector; None if it never came back there."""
    if not thread.latest.selector_returns:
        return None
    return {
        "returns": thread.latest.selector_returns,
        "longest_away_s": _round(thread.find_longest_absence_s(recent=False)),
    }


def _core_use(record: WatchRecord) -> dict[str, Any] | None:
    """Return how many cores' worth of CPU time each used since the start; None if it is not known."""
    use = record.core_use(recent=False)
    if use is None or use.wall_s <= 0:
        return None
    program, pi_tui = use.program_s / use.wall_s, use.pi_tui_s / use.wall_s
    others = max(0.0, use.busy_s / use.wall_s - program - pi_tui)
    return {"cores": use.cores, "program": _round(program), "pi_tui": _round(pi_tui), "others": _round(others)}


def encode_run_lengths(letters: str) -> str:
    """Encode a lane as run lengths: each letter is followed by its count, which is left out if it is 1."""
    parts = []
    for letter, group in itertools.groupby(letters):
        length = len(list(group))
        parts.append(letter if length == 1 else f"{letter}{length}")
    return "".join(parts)


def _ledger(ledger: ThreadLedger) -> dict[str, Any]:
    seconds = {
        "running": ledger.running_s,
        "queued": ledger.queued_s,
        "waiting": ledger.waiting_s,
        "gil_wait": ledger.gil_wait_s,
        "lock_wait": ledger.lock_wait_s,
        "io_wait": ledger.io_wait_s,
    }
    parts: dict[str, Any] = {"wall_s": _round(ledger.wall_s)}
    parts |= {f"{name}_s": _round(value) for name, value in seconds.items()}
    parts |= {f"{name}_share": _round(ledger.share(value)) for name, value in seconds.items()}
    found = ledger.gil_wait_range
    parts["gil_wait_range"] = None if found is None else [_round(share) for share in found]
    return parts


def _rounded(evidence: dict[str, float | int | str]) -> dict[str, Any]:
    return {name: _round(value) if isinstance(value, float) else value for name, value in evidence.items()}


def _round(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, _DIGITS)
