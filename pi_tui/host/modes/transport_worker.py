"""The worker's side of mode `processes`: what a process does, and its end of each way home.

A file of its own with next to no imports, because every spawned worker imports it.
"""

TYPE_CHECKING = False  # as in `typing`, whose import a worker can do without
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection
    from typing import Any

    from pi_tui.host.modes.job import Deliver
    from pi_tui.host.worker_runtime import Call, Task


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
        result = call(index, samples, seed, worker=number)
        try:
            deliver(index, result)
        except BaseException as error:
            call.failed_to_deliver(number, index, error)
            raise


def put_into(queue: "Any", index: int, hits: "Any") -> None:
    queue.put((index, hits))


def pickle_into(queue: "Any", index: int, result: "Any") -> None:
    """A queue pickles in a thread of its own, where nobody hears that a result cannot be: so that is done before."""
    from multiprocessing.reduction import ForkingPickler

    queue.put((index, bytes(ForkingPickler.dumps(result))))


def send_through(connection: "Connection", index: int, hits: "Any") -> None:
    connection.send((index, hits))


def add_to(total: "Any", index: int, hits: "Any") -> None:
    number = as_number(hits, "value")
    with total.get_lock():
        total.value += number


def store_in(places: "Any", index: int, hits: "Any") -> None:
    places[index] = as_number(hits, "array")


def as_number(result: object, transport: str) -> "int | float":
    """The result, where it is a number.

    Raises:
        TypeError: it is none.
    """
    from pi_tui.host.result_values import number_of

    number = number_of(result)
    if number is None:
        kind = type(result).__name__
        what = "nothing" if result is None else f"{'an' if kind[:1].lower() in 'aeiou' else 'a'} {kind}"
        raise TypeError(f"the transport {transport} carries one number a task, and the kernel returned {what}")
    return number


def write_to(name: str, tasks: int, kind: str, index: int, hits: "Any") -> None:
    from multiprocessing.shared_memory import SharedMemory

    import numpy

    number = as_number(hits, "shared-memory")
    memory = SharedMemory(name)
    places: Any = numpy.ndarray(tasks, dtype=kind, buffer=memory.buf)
    places[index] = number
    del places
    memory.close()
