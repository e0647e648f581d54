"""Next steps that the figures of the run allow: no processes for processes, and none on one core."""

from __future__ import annotations

from pi_tui.analysis.advice.context import AdviceContext
from pi_tui.analysis.results import NeighbouringRow
from pi_tui.analysis.text.prose import count, times

HELPFUL_RATIO = 1.1
"""Another row of the run is a remedy if it is faster than this one by this factor."""


def can_use_processes(context: AdviceContext) -> bool:
    """Return whether processes could use cores that the workers, which are threads of one process, cannot."""
    return context.conditions.mode.made_of == "threads" and context.cores > 1 and context.workers > 1


def find_process_row(context: AdviceContext) -> NeighbouringRow | None:
    """Return the fastest row of the run with as many workers and tasks whose workers are processes; None without one."""
    rows = [
        row
        for row in context.neighbours
        if row.made_of == "processes" and row.workers == context.workers and row.tasks == context.result.case.tasks
    ]
    return max(rows, key=lambda row: row.speedup, default=None)


def suggest(context: AdviceContext, *changes: str) -> str:
    """Return "; use A or processes to avoid this" as far as it can help, with what the run measured of processes.

    `changes` are what helps besides processes. The sentence's end is "" if nothing can help.
    """
    if context.cores < 2:
        return "; one usable core allows no more"
    options, measured = list(changes), ""
    if can_use_processes(context):
        row = find_process_row(context)
        if row is None:
            options.append("processes")
        elif row.speedup >= HELPFUL_RATIO * (context.result.speedup or 1.0):
            options.append("processes")
            measured = f" (in this run, {row.mode} was {times(row.speedup)} as fast as one worker)"
        else:
            measured = (
                f"; in this run, processes were no remedy ({row.mode}: {times(row.speedup)} as fast as one worker)"
            )
    if not options:
        return measured
    return f"; use {' or '.join(options)} to avoid this{measured}"


def describe_more_workers(context: AdviceContext) -> str:
    """Return what a row of the run with more workers of the same mode shows, or what idle cores suggest; else "".

    Only for workers whose waits overlapped.
    """
    rows = [
        row
        for row in context.neighbours
        if row.mode == context.result.case.mode
        and row.start_method == context.result.case.start_method
        and row.workers > context.workers
    ]
    best = max(rows, key=lambda row: row.speedup, default=None)
    reached = context.speedup or 0.0
    if best is not None:
        more = count(best.workers, "worker")
        if best.speedup >= HELPFUL_RATIO * reached:
            return f"; {more} were {times(best.speedup)} as fast"
        return f"; {more} were no faster ({times(best.speedup)})"
    account = context.account
    if account is None or reached < 0.9 * context.workers:
        return ""
    used = account.workers + account.other_threads + account.children
    if used > 0.5 * context.cores:
        return ""
    return f"; they used {used:.2f} of {count(context.cores, 'core')}, so more workers than cores can pay off"
