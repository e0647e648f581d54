"""Run tasks in threads: all threads write their results to one list that they share."""

from __future__ import annotations

from threading import Thread

from pi_tui.host.modes.job import Job, Results


def run(job: Job) -> Results:
    """Start one thread per worker and wait for all of them."""
    results: Results = [None] * len(job.tasks)

    def run_worker(worker: int) -> None:
        for index, samples, seed in job.select_tasks(worker):
            results[index] = job.call(index, samples, seed, worker=worker)

    threads = [Thread(target=run_worker, args=(worker,)) for worker in range(job.workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
