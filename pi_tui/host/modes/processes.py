"""Run tasks in processes, with five ways to send their results back to the parent.

A process does not share variables with its parent, so its results must be sent. Each transport below makes a sender for
each worker, a function of `transport_worker.py` that the worker calls once per task; `collect` runs in the parent.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import ForkingPickler
from typing import Any, Protocol

from pi_tui.host.modes import transport_worker
from pi_tui.host.modes.job import ProcessJob, Results, ResultSender, sort_results

EXIT_WAIT_S = 10.0
"""How long to wait for the end of a process whose files are closed already; on a busy machine this takes a while."""

INTEGER, FLOAT = "q", "d"
"""Type codes of a shared number: an integer for hits, a float for the result of a user's function."""


def run(job: ProcessJob) -> Results:
    """Start one process per worker and collect the results."""
    transport = TRANSPORT_CLASSES[job.transport](job)
    processes: list[BaseProcess] = []
    for worker in range(job.workers):
        arguments = (
            job.initializer,
            job.initargs,
            job.call,
            job.select_tasks(worker),
            worker,
            transport.make_sender(worker),
        )
        processes.append(job.context.Process(target=transport_worker.run_worker, args=arguments))
        processes[-1].start()
    return transport.collect(processes)


class ResultTransport(Protocol):
    """One way to send results from the workers to the parent."""

    def __init__(self, job: ProcessJob) -> None: ...

    def make_sender(self, worker: int) -> ResultSender:
        """Return the function with which one worker sends its results; it is pickled to reach the worker."""

    def collect(self, processes: Sequence[BaseProcess]) -> Results:
        """Receive all results and wait until all processes have ended."""


def join_processes(processes: Sequence[BaseProcess]) -> None:
    """Wait until all processes have ended.

    Raises:
        ChildProcessError: a process ended with an exit code other than 0.
    """
    for process in processes:
        process.join()
        if process.exitcode != 0:
            raise ChildProcessError(f"a worker process ended with exit code {process.exitcode}")


class QueueTransport:
    """One queue for all workers. The parent reads it before it joins: a process ends only when its data has been read."""

    def __init__(self, job: ProcessJob) -> None:
        self.tasks = len(job.tasks)
        self.queue = job.context.Queue()
        self.pickled = job.call.user_code is not None

    def make_sender(self, worker: int) -> ResultSender:
        return partial(
            transport_worker.pickle_into_queue if self.pickled else transport_worker.put_into_queue, self.queue
        )

    def collect(self, processes: Sequence[BaseProcess]) -> Results:
        results = sort_results((self.queue.get() for _ in range(self.tasks)), self.tasks)
        if self.pickled:
            results = [ForkingPickler.loads(result) for result in results]  # type: ignore[arg-type]
        join_processes(processes)
        self.queue.close()
        return results


class PipeTransport:
    """One pipe per worker. The parent reads the pipes before it joins: a full pipe blocks its writer."""

    def __init__(self, job: ProcessJob) -> None:
        self.job = job
        self.pipes = [job.context.Pipe(duplex=False) for _ in range(job.workers)]

    def make_sender(self, worker: int) -> ResultSender:
        return partial(transport_worker.send_through_pipe, self.pipes[worker][1])

    def collect(self, processes: Sequence[BaseProcess]) -> Results:
        for _, writer in self.pipes:
            writer.close()  # otherwise the pipe would stay open after its worker's end (forked siblings hold copies, too)
        numbered: list[tuple[int, Any]] = []
        for (reader, _), process, worker in zip(self.pipes, processes, range(self.job.workers), strict=True):
            try:
                numbered += [reader.recv() for _ in self.job.select_tasks(worker)]
            except (EOFError, OSError):
                process.join(EXIT_WAIT_S)  # the exit code is needed next, and files are closed before the process ends
                raise
        join_processes(processes)
        for reader, _ in self.pipes:
            reader.close()
        return sort_results(numbered, len(self.job.tasks))


class ValueTransport:
    """One shared number. An addition is a read and a write, so it needs the number's lock; the parent gets only the sum."""

    def __init__(self, job: ProcessJob) -> None:
        self.total = job.context.Value(_choose_typecode(job), 0)

    def make_sender(self, worker: int) -> ResultSender:
        return partial(transport_worker.add_to_value, self.total)

    def collect(self, processes: Sequence[BaseProcess]) -> Results:
        join_processes(processes)
        return [self.total.value]


class ArrayTransport:
    """A shared array with one element per task, so that no two workers write to the same element."""

    def __init__(self, job: ProcessJob) -> None:
        self.numbers = job.context.Array(_choose_typecode(job), len(job.tasks))

    def make_sender(self, worker: int) -> ResultSender:
        return partial(transport_worker.store_in_array, self.numbers)

    def collect(self, processes: Sequence[BaseProcess]) -> Results:
        join_processes(processes)
        return list(self.numbers)


class SharedMemoryTransport:
    """A NumPy array in a block of shared memory, which workers open by its name."""

    def __init__(self, job: ProcessJob) -> None:
        import numpy

        self.tasks = len(job.tasks)
        self.typecode = _choose_typecode(job)
        self.memory = _create_block(job.prefix, 8 * self.tasks)
        self.numbers = numpy.ndarray(self.tasks, dtype=self.typecode, buffer=self.memory.buf)

    def make_sender(self, worker: int) -> ResultSender:
        return partial(transport_worker.write_to_shared_memory, self.memory.name, self.tasks, self.typecode)

    def collect(self, processes: Sequence[BaseProcess]) -> Results:
        try:
            join_processes(processes)
            results: Results = self.numbers.tolist()
        finally:
            del self.numbers  # the block cannot be closed while an array refers to it
            self.memory.close()
            self.memory.unlink()
        return results


def _choose_typecode(job: ProcessJob) -> str:
    return INTEGER if job.call.user_code is None else FLOAT


def _create_block(prefix: str, size: int) -> Any:
    import secrets
    from multiprocessing.shared_memory import SharedMemory

    return SharedMemory(f"{prefix}{secrets.token_hex(4)}", create=True, size=size)


TRANSPORT_CLASSES: dict[str, type[ResultTransport]] = {
    "queue": QueueTransport,
    "pipe": PipeTransport,
    "value": ValueTransport,
    "array": ArrayTransport,
    "shared-memory": SharedMemoryTransport,
}
