"""multiprocessing.Pool, asked in each of its ways. Leaving the `with` block ends the pool's processes."""

from __future__ import annotations

from multiprocessing.pool import Pool

from pi_tui.host.modes.job import ProcessWork, Results, in_order


def _pool(work: ProcessWork) -> Pool:
    """A fresh pool: as many processes as workers, each of which first learns where its readings go."""
    pool: Pool = work.context.Pool(work.workers, initializer=work.report, initargs=work.home)
    return pool


def apply(work: ProcessWork) -> Results:
    """`apply` waits for each result before the next task is sent: one process works at a time, by design."""
    with _pool(work) as pool:
        return [pool.apply(work.call, task) for task in work.tasks]


def map_(work: ProcessWork) -> Results:
    """`map` hands its function one argument: here the whole task."""
    with _pool(work) as pool:
        return list(pool.map(work.call.one, work.tasks, work.chunksize))


def starmap(work: ProcessWork) -> Results:
    """`starmap` unpacks each task into the function's arguments."""
    with _pool(work) as pool:
        return list(pool.starmap(work.call, work.tasks, work.chunksize))


def apply_async(work: ProcessWork) -> Results:
    """`apply_async` returns at once with a promise; all tasks are under way before the first result is asked for."""
    with _pool(work) as pool:
        promises = [pool.apply_async(work.call, task) for task in work.tasks]
        return [promise.get() for promise in promises]


def map_async(work: ProcessWork) -> Results:
    """`map_async` makes one promise for the whole list."""
    with _pool(work) as pool:
        return list(pool.map_async(work.call.one, work.tasks, work.chunksize).get())


def starmap_async(work: ProcessWork) -> Results:
    """`starmap_async` does the same with several arguments a task."""
    with _pool(work) as pool:
        return list(pool.starmap_async(work.call, work.tasks, work.chunksize).get())


def imap_unordered(work: ProcessWork) -> Results:
    """`imap_unordered` gives results as they are finished, so each says which task it belongs to."""
    with _pool(work) as pool:
        return in_order(pool.imap_unordered(work.call.numbered, work.tasks, work.chunksize), len(work.tasks))
