"""The pools of concurrent.futures: the same three lines for threads and for processes."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

from pi_tui.host.modes.job import ProcessWork, Results, Work


def run_threads(work: Work) -> Results:
    """A pool of threads, which see the kernel and its results directly."""
    with ThreadPoolExecutor(max_workers=work.workers) as pool:
        return list(pool.map(work.call.one, work.tasks))


def run_processes(work: ProcessWork) -> Results:
    """A pool of processes: tasks and results are pickled on their way."""
    with ProcessPoolExecutor(work.workers, work.context, initializer=work.report, initargs=work.home) as pool:
        return list(pool.map(work.call.one, work.tasks, chunksize=work.chunksize))
