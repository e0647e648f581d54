"""What a user would write without a laboratory: two workers and one function."""

import multiprocessing
from threading import Thread

from pi_tui.host.kernels.python_loop import count_hits

WORKERS = 2


def into(queue, samples, seed):
    queue.put(count_hits(samples, seed))


def threads(samples):
    workers = [Thread(target=count_hits, args=(samples, seed)) for seed in range(WORKERS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def processes(samples):
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    workers = [context.Process(target=into, args=(queue, samples, seed)) for seed in range(WORKERS)]
    for worker in workers:
        worker.start()
    for _ in workers:
        queue.get()
    for worker in workers:
        worker.join()


def starmap(samples):
    with multiprocessing.get_context("spawn").Pool(WORKERS) as pool:
        pool.starmap(count_hits, [(samples, seed) for seed in range(WORKERS)], 1)


WAYS = {"threads": threads, "processes": processes, "pool-starmap": starmap}
