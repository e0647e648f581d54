"""Run tasks in several interpreters of one process, each in a thread and with a GIL of its own (PEP 734).

A subinterpreter has its own modules and objects and shares none with the interpreter that created it. `call` therefore
copies a task into it and the result out of it. The threads below can run pure Python at the same time because they share a
process but no Python object and no GIL.
"""

from __future__ import annotations

from concurrent import interpreters  # type: ignore[attr-defined, unused-ignore] # Python 3.14 and newer
from concurrent.futures import InterpreterPoolExecutor  # type: ignore[attr-defined, unused-ignore] # 3.14 as well
from contextlib import closing
from threading import Thread

from pi_tui.host.modes.job import InterpreterJob, Results


def run(job: InterpreterJob) -> Results:
    """Start one thread per worker; each creates an interpreter, runs its tasks there and closes it."""
    results: Results = [None] * len(job.tasks)

    def run_worker(worker: int) -> None:
        with closing(interpreters.create()) as interpreter:
            interpreter.call(job.initializer, *job.initargs)
            for index, samples, seed in job.select_tasks(worker):
                results[index] = interpreter.call(job.call, index, samples, seed, worker=worker)

    threads = [Thread(target=run_worker, args=(worker,)) for worker in range(job.workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def run_pool(job: InterpreterJob) -> Results:
    """Use a pool of interpreters; like a pool of processes, it pickles tasks and results."""
    with InterpreterPoolExecutor(job.workers, initializer=job.initializer, initargs=job.initargs) as pool:
        return list(pool.map(job.call.run_task, job.tasks))
