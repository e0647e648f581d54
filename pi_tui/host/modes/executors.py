"""Run tasks in the pools of `concurrent.futures`: threads and processes have the same interface."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

from pi_tui.host.modes.job import Job, ProcessJob, Results


def run_threads(job: Job) -> Results:
    """Use a pool of threads; they share the kernel and its results with this thread."""
    with ThreadPoolExecutor(max_workers=job.workers) as pool:
        return list(pool.map(job.call.run_task, job.tasks))


def run_processes(job: ProcessJob) -> Results:
    """Use a pool of processes; the pool pickles tasks and results to send them between processes."""
    with ProcessPoolExecutor(job.workers, job.context, initializer=job.initializer, initargs=job.initargs) as pool:
        return list(pool.map(job.call.run_task, job.tasks, chunksize=job.chunksize))
