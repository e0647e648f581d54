"""Processes, made by hand, and five ways for their results to come home.

A process sees nothing of its parent's variables: whatever it finds out has to be carried. Each carrier below has an `end`,
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
from pi_tui.host.modes.job import Deliver, ProcessWork, Results, in_order

DYING_S = 10.0
"""How long a process may take, once its files are closed, until it has ended: on a busy machine more than a moment."""

WHOLE, REAL = "q", "d"
"""What a shared number is: whole, as hits are, or real, as a function of a person's own may return it."""


def run(work: ProcessWork) -> Results:
    """Start one process a worker and collect what they deliver."""
    carrier = CARRIERS[work.transport](work)
    processes: list[BaseProcess] = []
    for number in range(work.workers):
        arguments = (work.report, work.home, work.call, work.share(number), number, carrier.end(number))
        processes.append(work.context.Process(target=transport_worker.worker, args=arguments))
        processes[-1].start()
    return carrier.collect(processes)


class Carrier(Protocol):
    """One way home for results."""

    def __init__(self, work: ProcessWork) -> None: ...

    def end(self, number: int) -> Deliver:
        """The worker's end; pickled on its way to worker `number`."""

    def collect(self, processes: Sequence[BaseProcess]) -> Results:
        """All results, once every process is done."""


def join(processes: Sequence[BaseProcess]) -> None:
    """Wait until every process has ended, and ended well."""
    for process in processes:
        process.join()
        if process.exitcode != 0:
            raise ChildProcessError(f"a worker process left with exit code {process.exitcode}")


class ByQueue:
    """One queue that all workers put into. It is read before the join: a process ends only once its data is taken."""

    def __init__(self, work: ProcessWork) -> None:
        self.tasks = len(work.tasks)
        self.queue = work.context.Queue()
        self.pickled = work.call.own is not None

    def end(self, number: int) -> Deliver:
        return partial(transport_worker.pickle_into if self.pickled else transport_worker.put_into, self.queue)

    def collect(self, processes: Sequence[BaseProcess]) -> Results:
        results = in_order((self.queue.get() for _ in range(self.tasks)), self.tasks)
        if self.pickled:
            results = [ForkingPickler.loads(result) for result in results]  # type: ignore[arg-type]
        join(processes)
        self.queue.close()
        return results


class ByPipe:
    """A pipe for each worker, one way. It is read before the join: a pipe that is full stops its writer."""

    def __init__(self, work: ProcessWork) -> None:
        self.work = work
        self.pipes = [work.context.Pipe(duplex=False) for _ in range(work.workers)]

    def end(self, number: int) -> Deliver:
        return partial(transport_worker.send_through, self.pipes[number][1])

    def collect(self, processes: Sequence[BaseProcess]) -> Results:
        for _, writer in self.pipes:
            writer.close()  # else no pipe would end with its worker (with fork, siblings hold copies as long as they live)
        numbered: list[tuple[int, Any]] = []
        for (reader, _), process, number in zip(self.pipes, processes, range(self.work.workers), strict=True):
            try:
                numbered += [reader.recv() for _ in self.work.share(number)]
            except (
                EOFError,
                OSError,
            ):  # its files are closed a moment before it has ended, and how it ended will be asked
                process.join(DYING_S)
                raise
        join(processes)
        for reader, _ in self.pipes:
            reader.close()
        return in_order(numbered, len(self.work.tasks))


class ByValue:
    """One shared number. Adding is a read and a write, so it is done under the number's lock; only the sum comes home."""

    def __init__(self, work: ProcessWork) -> None:
        self.total = work.context.Value(_number_kind(work), 0)

    def end(self, number: int) -> Deliver:
        return partial(transport_worker.add_to, self.total)

    def collect(self, processes: Sequence[BaseProcess]) -> Results:
        join(processes)
        return [self.total.value]


class ByArray:
    """A shared array with a place for each task: no two workers write to the same one."""

    def __init__(self, work: ProcessWork) -> None:
        self.places = work.context.Array(_number_kind(work), len(work.tasks))

    def end(self, number: int) -> Deliver:
        return partial(transport_worker.store_in, self.places)

    def collect(self, processes: Sequence[BaseProcess]) -> Results:
        join(processes)
        return list(self.places)


class BySharedMemory:
    """A NumPy array in a block of shared memory, which workers find by its name."""

    def __init__(self, work: ProcessWork) -> None:
        import numpy

        self.tasks = len(work.tasks)
        self.kind = _number_kind(work)
        self.memory = _new_block(work.prefix, 8 * self.tasks)
        self.places = numpy.ndarray(self.tasks, dtype=self.kind, buffer=self.memory.buf)

    def end(self, number: int) -> Deliver:
        return partial(transport_worker.write_to, self.memory.name, self.tasks, self.kind)

    def collect(self, processes: Sequence[BaseProcess]) -> Results:
        try:
            join(processes)
            results: Results = self.places.tolist()
        finally:
            del self.places  # the block cannot be closed while an array looks at it
            self.memory.close()
            self.memory.unlink()
        return results


def _number_kind(work: ProcessWork) -> str:
    return WHOLE if work.call.own is None else REAL


def _new_block(prefix: str, size: int) -> Any:
    import secrets
    from multiprocessing.shared_memory import SharedMemory

    return SharedMemory(f"{prefix}{secrets.token_hex(4)}", create=True, size=size)


CARRIERS: dict[str, type[Carrier]] = {
    "queue": ByQueue,
    "pipe": ByPipe,
    "value": ByValue,
    "array": ByArray,
    "shared-memory": BySharedMemory,
}
