"""The summary of a watch: a table with one line per thread, the busiest first, and its verdicts."""

from __future__ import annotations

from collections.abc import Sequence

from pi_tui.analysis.results import Advice
from pi_tui.analysis.text.cell_width import cells, cut, padded
from pi_tui.analysis.text.formatting import share_text
from pi_tui.analysis.text.prose import format_seconds
from pi_tui.analysis.watch.watch_record import WatchedThread, WatchRecord
from pi_tui.cli.terminal_text import wrap_text
from pi_tui.engine.watch_client import WatchTarget
from pi_tui.host.watch_protocol import WatchEnded

MAX_ROWS = 40
_COLUMNS = ("pid", "tid", "thread", "seen", "running", "queued", "GIL", "lock", "I/O", "waits at")
_LEFT = ("thread", "waits at")


def format_summary_table(
    target: WatchTarget, record: WatchRecord, ended: WatchEnded, sentences: Sequence[Advice], columns: int
) -> str:
    """Format the whole summary, with its final newline."""
    lines = [_cut_text(f"{target.title}", columns), _cut_text(_describe_watch(record), columns), ""]
    lines += [cut(line, columns).rstrip() for line in _format_rows(record)]
    lines.append("")
    for sentence in (*(advice.sentence for advice in sentences), *list_remarks(record, ended)):
        lines += wrap_text(sentence, columns)
    return "\n".join(lines) + "\n"


def list_remarks(record: WatchRecord, ended: WatchEnded) -> list[str]:
    """Return further remarks on a watch, in sentences."""
    remarks = []
    if record.certainty == "state" and record.threads:
        remarks.append("Only the state of threads could be read, so what they waited for is unknown.")
    if ended.outlived:
        what = "One process" if ended.outlived == 1 else f"{ended.outlived} processes"
        remarks.append(f"{what} outlived the program and had to be ended.")
    if ended.survivors:
        remarks.append(f"These processes could not be ended: {', '.join(map(str, ended.survivors))}.")
    if record.latest is not None and record.latest.unwatched:
        remarks.append(f"{record.latest.unwatched} threads were not watched, as there were too many.")
    return remarks


def _describe_watch(record: WatchRecord) -> str:
    threads = len(record.threads) + record.forgotten
    rate = "" if record.rate_hz is None else f", sampled {record.rate_hz:.0f} times per second"
    how = {"system call": "system calls", "state": "states only", "none": "nothing observed"}[record.certainty]
    return f"{format_seconds(record.elapsed_s)}, {threads} thread{'s' if threads != 1 else ''}{rate} ({how})"


def _format_rows(record: WatchRecord) -> list[str]:
    threads = sorted(record.threads, key=lambda thread: thread.latest.cpu_ns or 0, reverse=True)
    rows = [_COLUMNS, *(_format_row(record, thread) for thread in threads[:MAX_ROWS])]
    widths = [max(cells(row[place]) for row in rows) for place in range(len(_COLUMNS))]
    lines = []
    for row in rows:
        parts = (
            padded(cell, size, right=title not in _LEFT)
            for title, cell, size in zip(_COLUMNS, row, widths, strict=True)
        )
        lines.append("  ".join(parts).rstrip())
    if len(threads) > MAX_ROWS:
        lines.append(f"and {len(threads) - MAX_ROWS} more that ran less")
    return lines


def _format_row(record: WatchRecord, thread: WatchedThread) -> tuple[str, ...]:
    latest, ledger = thread.latest, thread.total_ledger()
    shares = (
        *(ledger.share(part) for part in (ledger.running_s, ledger.queued_s)),
        *(ledger.wait_share(part) for part in (ledger.gil_wait_s, ledger.lock_wait_s, ledger.io_wait_s)),
    )
    return (
        str(latest.pid),
        str(latest.tid),
        record.name_thread(latest).shown,
        format_seconds(ledger.wall_s) if ledger.wall_s else "-",
        *("-" if share is None else share_text(share) for share in shares),
        latest.waits_at or "-",
    )


def _cut_text(text: str, columns: int) -> str:
    return text if cells(text) <= columns else cut(text, columns - 1) + "…"
