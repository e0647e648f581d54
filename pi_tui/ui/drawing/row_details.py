"""Everything about one row, as blocks of text."""

from __future__ import annotations

from collections.abc import Iterator

from pi_tui.analysis.results import Result, Trial
from pi_tui.analysis.text.formatting import (
    describe_cores,
    duration,
    interval_text,
    share_text,
    speedup_text,
    waiting_share,
)
from pi_tui.analysis.text.prose import format_seconds
from pi_tui.ui.drawing.paragraphs import Block, Entry, Heading, Paragraph, Verbatim
from pi_tui.ui.state.row_fields import format_python, format_samples, format_workers
from pi_tui.ui.state.row_summary import summarize_row
from pi_tui.ui.state.session import Row

_CELLS = 12
_SHOWN_AT_EACH_END = 100
"""Of more trials than twice this, only the first and the last are listed; the history lists all."""
_PARTS = (("running", 10), ("waiting", 9), ("queued", 8), ("startup", 9), ("rest", 6))
"""The columns of the list of trials, with their widths in cells."""


def describe_row(row: Row) -> list[Block]:
    """Describe a row: its summary, how it failed, its case with its figures, and its trials."""
    failed = row.state == "failed"
    blocks: list[Block] = [
        Paragraph(summarize_row(row).replace(" Press l for the log.", ""), "bad" if failed else "text")
    ]
    if row.result is not None:
        blocks += _describe_failure(row.result)
    blocks.append(Heading("Case"))
    blocks += [Entry(label, value, _CELLS, name_style="muted") for label, value in _list_facts(row)]
    if row.result is not None:
        blocks += _list_trials(row.result)
    return blocks


def _list_facts(row: Row) -> Iterator[tuple[str, str]]:
    case, result = row.case, row.result
    if row.origin is not None:
        yield "from", row.origin.label
    yield "kernel", case.kernel
    yield "mode", " ".join(filter(None, (case.mode, case.start_method, case.transport)))
    yield "python", format_python(row)
    yield "workers", format_workers(case)
    yield (
        "samples",
        format_samples(case).removesuffix(" split") + (" in all, split among its tasks" if case.split else " per task"),
    )
    if result is None:
        return
    yield "seed", f"{result.seed}"
    if result.wall_s is not None:
        wall = result.wall_s
        yield "wall", f"{format_seconds(wall.median)}, from {format_seconds(wall.min)} to {format_seconds(wall.max)}"
    if result.speedup is not None and not row.in_app:
        each = f", {share_text(result.efficiency)} per worker" if result.efficiency is not None else ""
        interval = result.speedup_interval
        confidence = "" if interval is None else f", {interval_text(interval)} with {interval.level:.0%} confidence"
        yield "speed-up", speedup_text(result.speedup) + each + confidence
    if (
        result.serial_fraction is not None and result.serial_fraction <= 1 and not row.in_app
    ):  # above, it has no meaning
        yield "serial", f"{result.serial_fraction:.3f} of the work, by Karp and Flatt"
    if (share := waiting_share(result)) is not None:
        yield "waiting", f"{share_text(share)} of all workers' time, in all trials that count"
    if result.cores is not None:
        yield "cores", f"{describe_cores(result.cores)}, in cores' worth of CPU time"
    if result.estimate is not None:
        off = f", |z| {abs(result.z):.1f}" if result.z is not None else ""
        yield "estimate", f"{result.estimate:.6f}{off}"


def _list_trials(result: Result) -> Iterator[Block]:
    if not result.trials:
        return
    yield Heading("Trials: shares of the workers' time")
    titles = "".join(f"{title:>{cells}}" for title, cells in _PARTS)
    yield Verbatim(f"{'':<10} {'wall':>7}{titles}", "muted")
    trials = result.trials
    left_out = len(trials) - 2 * _SHOWN_AT_EACH_END
    for place, trial in enumerate(trials):
        if left_out > 1 and _SHOWN_AT_EACH_END <= place < len(trials) - _SHOWN_AT_EACH_END:
            if place == _SHOWN_AT_EACH_END:
                yield Verbatim(f"{'...':<10} and {left_out} more", "muted")
            continue
        shares = "".join(f"{share:>{cells}}" for share, (_, cells) in zip(_list_shares(trial), _PARTS, strict=True))
        name = "warm-up" if trial.kind == "warmup" else f"{trial.number}"
        yield Verbatim(f"{name:<10} {duration(trial.wall_s)}{shares}", "muted" if trial.kind == "warmup" else "text")


def _list_shares(trial: Trial) -> Iterator[str]:
    whole = trial.wall_s * len(trial.workers)
    parts = (
        [worker.running_s for worker in trial.workers],
        [worker.waiting_s for worker in trial.workers],
        [worker.queued_s for worker in trial.workers],
        [worker.startup_s for worker in trial.workers],
        [worker.between_s + worker.idle_s for worker in trial.workers],
    )
    for part in parts:
        known = [seconds for seconds in part if seconds is not None]
        yield share_text(max(0.0, sum(known)) / whole) if whole > 0 and len(known) == len(part) else "-"


def _describe_failure(result: Result) -> Iterator[Block]:
    error = result.error
    if error is None:
        return
    yield Heading("Log")
    if error.traceback.strip():
        yield Verbatim(error.traceback.strip("\n"))
    else:
        yield Paragraph("There is no traceback, and nothing was printed.", "muted")
