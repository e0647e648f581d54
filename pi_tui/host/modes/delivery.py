"""The worker's side of mode `processes`: what a process does, and its end of each way home.

A file of its own with next to no imports, because every spawned worker imports it.
"""

TYPE_CHECKING = False  # as in `typing`, whose import a worker can do without
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection
    from typing import Any

    from pi_tui.host.modes.processes import Deliver
    from pi_tui.host.work import Call, Task


def worker(
    report: "Callable[..., None]",
    home: "tuple[Connection, Connection | None]",
    call: "Call",
    tasks: "Sequence[Task]",
    number: int,
    deliver: "Deliver",
) -> None:
    """What each process does."""
    report(*home)
    for index, samples, seed in tasks:
        deliver(index, call(index, samples, seed, worker=number))


def put_into(queue: "Any", index: int, hits: int) -> None:
    queue.put((index, hits))


def send_through(connection: "Connection", index: int, hits: int) -> None:
    connection.send((index, hits))


def add_to(total: "Any", index: int, hits: int) -> None:
    with total.get_lock():
        total.value += hits


def store_in(places: "Any", index: int, hits: int) -> None:
    places[index] = hits


def write_to(name: str, tasks: int, index: int, hits: int) -> None:
    from multiprocessing.shared_memory import SharedMemory

    import numpy

    memory = SharedMemory(name)
    places: Any = numpy.ndarray(tasks, dtype=numpy.int64, buffer=memory.buf)
    places[index] = hits
    del places
    memory.close()
