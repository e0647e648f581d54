"""Run tasks in a `multiprocessing.Pool`, with each of its methods. Leaving the `with` block ends the pool's processes."""

from __future__ import annotations

from multiprocessing.pool import Pool

from pi_tui.host.modes.job import ProcessJob, Results, sort_results


def _make_pool(job: ProcessJob) -> Pool:
    """Create a pool with one process per worker; each process first runs the job's initializer."""
    pool: Pool = job.context.Pool(job.workers, initializer=job.initializer, initargs=job.initargs)
    return pool


def apply(job: ProcessJob) -> Results:
    """Call `apply`, which waits for each result before it sends the next task: only one process works at a time."""
    with _make_pool(job) as pool:
        return [pool.apply(job.call, task) for task in job.tasks]


def map_(job: ProcessJob) -> Results:
    """Call `map`, which passes one argument to its function: here the whole task."""
    with _make_pool(job) as pool:
        return list(pool.map(job.call.run_task, job.tasks, job.chunksize))


def starmap(job: ProcessJob) -> Results:
    """Call `starmap`, which unpacks each task into several arguments."""
    with _make_pool(job) as pool:
        return list(pool.starmap(job.call, job.tasks, job.chunksize))


def apply_async(job: ProcessJob) -> Results:
    """Call `apply_async`, which returns at once; all tasks are submitted before the first result is collected."""
    with _make_pool(job) as pool:
        pending = [pool.apply_async(job.call, task) for task in job.tasks]
        return [result.get() for result in pending]


def map_async(job: ProcessJob) -> Results:
    """Call `map_async`, which returns one pending result for the whole list of tasks."""
    with _make_pool(job) as pool:
        return list(pool.map_async(job.call.run_task, job.tasks, job.chunksize).get())


def starmap_async(job: ProcessJob) -> Results:
    """Call `starmap_async`, which does the same and unpacks each task into several arguments."""
    with _make_pool(job) as pool:
        return list(pool.starmap_async(job.call, job.tasks, job.chunksize).get())


def imap_unordered(job: ProcessJob) -> Results:
    """Call `imap_unordered`, which yields results as they finish; each result therefore carries its task's index."""
    with _make_pool(job) as pool:
        return sort_results(pool.imap_unordered(job.call.run_numbered_task, job.tasks, job.chunksize), len(job.tasks))
