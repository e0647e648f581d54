"""Processes, made by hand, and five ways for their results to come home.

A process sees nothing of its parent's variables: whatever it finds out has to be carried. Each transport below has an `end`,
a function that goes to a worker and is called there once a task (`transport_worker.py` has them), and `collect`, called
in the parent.
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
"""How long a process may take, once its files are closed, until it has ended: on a busy machine more than a moment."""

INTEGER, FLOAT = "q", "d"
"""What a shared number is: whole, as hits are, or real, as a function of a person's own may return it."""


def run(job: ProcessJob) -> Results:
    """Start one process a worker and collect what they deliver."""
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
    """One way home for results."""

    def __init__(self, job: ProcessJob) -> None: ...

    def make_sender(self, worker: int) -> ResultSender:
        """The worker's end; pickled on its way to worker `worker`."""

    def collect(self, processes: Sequence[BaseProcess]) -> Results:
        """All results, once every process is done."""


def join_processes(processes: Sequence[BaseProcess]) -> None:
    """Wait until every process has ended, and ended well."""
    for process in processes:
        process.join()
        if process.exitcode != 0:
            raise ChildProcessError(f"a worker process left with exit code {process.exitcode}")


class QueueTransport:
    """One queue that all workers put into. It is read before the join: a process ends only once its data is taken."""

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
    """A pipe for each worker, one way. It is read before the join: a pipe that is full stops its writer."""

    def __init__(self, job: ProcessJob) -> None:
        self.job = job
        self.pipes = [job.context.Pipe(duplex=False) for _ in range(job.workers)]

    def make_sender(self, worker: int) -> ResultSender:
        return partial(transport_worker.send_through_pipe, self.pipes[worker][1])

    def collect(self, processes: Sequence[BaseProcess]) -> Results:
        for _, writer in self.pipes:
            writer.close()  # else no pipe would end with its worker (with fork, siblings hold copies as long as they live)
        numbered: list[tuple[int, Any]] = []
        for (reader, _), process, worker in zip(self.pipes, processes, range(self.job.workers), strict=True):
            try:
                numbered += [reader.recv() for _ in self.job.select_tasks(worker)]
            except (
                EOFError,
                OSError,
            ):  # its files are closed a moment before it has ended, and how it ended will be asked
                process.join(EXIT_WAIT_S)
                raise
        join_processes(processes)
        for reader, _ in self.pipes:
            reader.close()
        return sort_results(numbered, len(self.job.tasks))


class ValueTransport:
    """One shared number. Adding is a read and a write, so it is done under the number's lock; only the sum comes home."""

    def __init__(self, job: ProcessJob) -> None:
        self.total = job.context.Value(_choose_typecode(job), 0)

    def make_sender(self, worker: int) -> ResultSender:
        return partial(transport_worker.add_to_value, self.total)

    def collect(self, processes: Sequence[BaseProcess]) -> Results:
        join_processes(processes)
        return [self.total.value]


class ArrayTransport:
    """A shared array with a place for each task: no two workers write to the same one."""

    def __init__(self, job: ProcessJob) -> None:
        self.numbers = job.context.Array(_choose_typecode(job), len(job.tasks))

    def make_sender(self, worker: int) -> ResultSender:
        return partial(transport_worker.store_in_array, self.numbers)

    def collect(self, processes: Sequence[BaseProcess]) -> Results:
        join_processes(processes)
        return list(self.numbers)


class SharedMemoryTransport:
    """A NumPy array in a block of shared memory, which workers find by its name."""

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
            del self.numbers  # the block cannot be closed while an array looks at it
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
