"""What a mode is given to do, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from pi_tui.host.worker_runtime import Call, Task

Results = list[int | float | None]

ResultSender = Callable[[int, Any], None]
"""What a worker does with one result: `deliver(index, hits)`."""


@dataclass(frozen=True, slots=True)
class Job:
    """One trial, as a mode sees it.

    Attributes:
        call: the kernel; `call(index, samples, seed)`.
        tasks: what to call it with.
        workers: how many threads, processes or interpreters to use.
    """

    call: Call
    tasks: tuple[Task, ...]
    workers: int

    def select_tasks(self, worker: int) -> tuple[Task, ...]:
        """The tasks of one worker: every `workers`-th, like dealing cards."""
        return self.tasks[worker :: self.workers]


@dataclass(frozen=True, slots=True)
class ProcessJob(Job):
    """One trial, as a mode made of processes sees it.

    Attributes:
        context: the start method (a `multiprocessing` context; its factories are not typed).
        initializer: what a worker calls first, with `initargs`.
        initargs: where what a worker reports goes: its readings, and its roll call.
        transport: how its results come back.
        chunksize: tasks that a pool hands out at once.
        prefix: begins the name of any shared memory, so that it can be found if something dies.
    """

    context: Any
    initializer: Callable[..., None]
    initargs: tuple[Connection, Connection | None]
    transport: str
    chunksize: int
    prefix: str


@dataclass(frozen=True, slots=True)
class InterpreterJob(Job):
    """One trial, as a mode made of subinterpreters sees it.

    Attributes:
        initializer: what a worker calls first, with `initargs`.
        initargs: the descriptors that a worker's readings and its roll call go to: numbers, which any interpreter can use.
    """

    initializer: Callable[..., None]
    initargs: tuple[int, int]


def sort_results(numbered: Iterable[tuple[int, int]], tasks: int) -> Results:
    """Results that came in any order, in the order of tasks."""
    results: Results = [None] * tasks
    for index, result in numbered:
        results[index] = result
    return results
