"""multiprocessing.Pool, asked in each of its ways. Leaving the `with` block ends the pool's processes."""

from __future__ import annotations

from multiprocessing.pool import Pool

from pi_tui.host.modes.job import ProcessJob, Results, sort_results


def _make_pool(job: ProcessJob) -> Pool:
    """A fresh pool: as many processes as workers, each of which first learns where its readings go."""
    pool: Pool = job.context.Pool(job.workers, initializer=job.initializer, initargs=job.initargs)
    return pool


def apply(job: ProcessJob) -> Results:
    """`apply` waits for each result before the next task is sent: one process works at a time, by design."""
    with _make_pool(job) as pool:
        return [pool.apply(job.call, task) for task in job.tasks]


def map_(job: ProcessJob) -> Results:
    """`map` hands its function one argument: here the whole task."""
    with _make_pool(job) as pool:
        return list(pool.map(job.call.run_task, job.tasks, job.chunksize))


def starmap(job: ProcessJob) -> Results:
    """`starmap` unpacks each task into the function's arguments."""
    with _make_pool(job) as pool:
        return list(pool.starmap(job.call, job.tasks, job.chunksize))


def apply_async(job: ProcessJob) -> Results:
    """`apply_async` returns at once with a promise; all tasks are under way before the first result is asked for."""
    with _make_pool(job) as pool:
        promises = [pool.apply_async(job.call, task) for task in job.tasks]
        return [promise.get() for promise in promises]


def map_async(job: ProcessJob) -> Results:
    """`map_async` makes one promise for the whole list."""
    with _make_pool(job) as pool:
        return list(pool.map_async(job.call.run_task, job.tasks, job.chunksize).get())


def starmap_async(job: ProcessJob) -> Results:
    """`starmap_async` does the same with several arguments a task."""
    with _make_pool(job) as pool:
        return list(pool.starmap_async(job.call, job.tasks, job.chunksize).get())


def imap_unordered(job: ProcessJob) -> Results:
    """`imap_unordered` gives results as they are finished, so each says which task it belongs to."""
    with _make_pool(job) as pool:
        return sort_results(pool.imap_unordered(job.call.run_numbered_task, job.tasks, job.chunksize), len(job.tasks))
