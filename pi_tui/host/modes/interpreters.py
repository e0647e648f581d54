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

from pi_tui.host.modes.job import InterpreterWork, Results


def run(work: InterpreterWork) -> Results:
    """Start one thread a worker; each makes an interpreter, works in it, and closes it."""
    results: Results = [None] * len(work.tasks)

    def worker(number: int) -> None:
        with closing(interpreters.create()) as interpreter:
            interpreter.call(work.report, *work.home)
            for index, samples, seed in work.share(number):
                results[index] = interpreter.call(work.call, index, samples, seed, worker=number)

    threads = [Thread(target=worker, args=(number,)) for number in range(work.workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def run_pool(work: InterpreterWork) -> Results:
    """The same with a pool: tasks and results are pickled on their way, as for a pool of processes."""
    with InterpreterPoolExecutor(work.workers, initializer=work.report, initargs=work.home) as pool:
        return list(pool.map(work.call.one, work.tasks))
