"""The input and the output of a mode: a job, and the results of its tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from pi_tui.host.worker_runtime import Call, Task

Results = list[int | float | None]

ResultSender = Callable[[int, Any], None]
"""Sends one result from a worker to the parent: `send(index, result)`."""


@dataclass(frozen=True, slots=True)
class Job:
    """One trial, as a mode sees it.

    Attributes:
        call: the kernel, called as `call(index, samples, seed)`.
        tasks: the arguments of each call.
        workers: the number of threads, processes or interpreters to use.
    """

    call: Call
    tasks: tuple[Task, ...]
    workers: int

    def select_tasks(self, worker: int) -> tuple[Task, ...]:
        """Return the tasks of one worker: every `workers`-th task, as cards are dealt to players."""
        return self.tasks[worker :: self.workers]


@dataclass(frozen=True, slots=True)
class ProcessJob(Job):
    """One trial, as a mode made of processes sees it.

    Attributes:
        context: the `multiprocessing` context of the start method (untyped: its factories have no annotations).
        initializer: the function that each worker calls first, with `initargs`.
        initargs: the pipes for the worker's readings and for its events.
        transport: the way in which results come back.
        chunksize: the number of tasks that a pool sends to a worker at a time.
        prefix: the beginning of all names of shared memory, so that it can be found and removed after a crash.
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
        initializer: the function that each worker calls first, with `initargs`.
        initargs: the file descriptors for the worker's readings and events; every interpreter can use such numbers.
    """

    initializer: Callable[..., None]
    initargs: tuple[int, int]


def sort_results(numbered: Iterable[tuple[int, int]], tasks: int) -> Results:
    """Put results that arrived in any order into the order of tasks."""
    results: Results = [None] * tasks
    for index, result in numbered:
        results[index] = result
    return results
