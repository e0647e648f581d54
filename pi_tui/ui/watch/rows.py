"""From what was seen of a program to what the screen shows of it."""

from __future__ import annotations

from pi_tui.analysis.watch.watch_record import WatchedThread, WatchRecord
from pi_tui.ui.drawing.watched_threads import ProcessRow, ThreadRow, WatchRow, WatchView

_NS = 1e9


def view_of(record: WatchRecord, title: str, pid: int | None, *, busiest_first: bool, over: bool) -> WatchView:
    """The view of a record as it stands; threads by process and age, or the busiest of the last second first."""
    shown = record.visible_threads
    rows = [_row(record, thread) for thread in shown]
    if busiest_first:
        rows.sort(key=lambda row: (row.ended, -(row.recent.running_s or 0.0)))
    several = len({row.pid for row in rows}) > 1
    told: list[WatchRow] = []
    last = None
    for row in rows:
        if several and not busiest_first and row.pid != last:
            process = record.processes.get(row.pid)
            told.append(ProcessRow(row.pid, process.command if process else "", process.python if process else ""))
            last = row.pid
        told.append(row)
    latest = record.latest
    return WatchView(
        title=title,
        pid=pid,
        elapsed_s=record.elapsed_s,
        period_ns=record.period_ns,
        last_tick=round(record.elapsed_s * _NS / record.period_ns),
        rate_hz=record.rate_hz,
        certainty=record.certainty,
        rows=tuple(told),
        threads=sum(not row.ended for row in rows),
        unwatched=0 if latest is None else latest.unwatched,
        over=over,
    )


def _row(record: WatchRecord, thread: WatchedThread) -> ThreadRow:
    seen = thread.latest
    return ThreadRow(
        pid=seen.pid,
        tid=seen.tid,
        name=record.name_thread(seen).shown,
        letters=thread.letters,
        total=thread.total_ledger(),
        recent=thread.recent_ledger(),
        ended=seen.ended,
        waits_at=seen.waits_at,
    )
