"""The pools of concurrent.futures: the same three lines for threads and for processes."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

from pi_tui.host.modes.job import Job, ProcessJob, Results


def run_threads(job: Job) -> Results:
    """A pool of threads, which see the kernel and its results directly."""
    with ThreadPoolExecutor(max_workers=job.workers) as pool:
        return list(pool.map(job.call.run_task, job.tasks))


def run_processes(job: ProcessJob) -> Results:
    """A pool of processes: tasks and results are pickled on their way."""
    with ProcessPoolExecutor(job.workers, job.context, initializer=job.initializer, initargs=job.initargs) as pool:
        return list(pool.map(job.call.run_task, job.tasks, chunksize=job.chunksize))
