"""Interpreters within one process: threads, each in an interpreter of its own, with a GIL of its own (PEP 734).

A subinterpreter has its own modules and its own objects. It sees nothing of the one that made it, so what it is to do, and
what it found out, is copied across by `call`. That is why the threads below can run pure Python at the same time: they
share a process, but no Python object and no GIL.
"""

from __future__ import annotations

from concurrent import interpreters  # type: ignore[attr-defined, unused-ignore] # Python 3.14 and newer
from concurrent.futures import InterpreterPoolExecutor  # type: ignore[attr-defined, unused-ignore] # 3.14 as well
from contextlib import closing
from threading import Thread

from pi_tui.host.modes.job import InterpreterJob, Results


def run(job: InterpreterJob) -> Results:
    """Start one thread a worker; each makes an interpreter, works in it, and closes it."""
    results: Results = [None] * len(job.tasks)

    def worker(number: int) -> None:
        with closing(interpreters.create()) as interpreter:
            interpreter.call(job.initializer, *job.initargs)
            for index, samples, seed in job.select_tasks(number):
                results[index] = interpreter.call(job.call, index, samples, seed, worker=number)

    threads = [Thread(target=worker, args=(number,)) for number in range(job.workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def run_pool(job: InterpreterJob) -> Results:
    """The same with a pool: tasks and results are pickled on their way, as for a pool of processes."""
    with InterpreterPoolExecutor(job.workers, initializer=job.initializer, initargs=job.initargs) as pool:
        return list(pool.map(job.call.run_task, job.tasks))
