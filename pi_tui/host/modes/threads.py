"""Threads, made by hand: each keeps its results in a list that all of them see."""

from __future__ import annotations

from threading import Thread

from pi_tui.host.modes.job import Job, Results


def run(job: Job) -> Results:
    """Start one thread a worker, then wait for each."""
    results: Results = [None] * len(job.tasks)

    def worker(number: int) -> None:
        for index, samples, seed in job.select_tasks(number):
            results[index] = job.call(index, samples, seed, worker=number)

    threads = [Thread(target=worker, args=(number,)) for number in range(job.workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
