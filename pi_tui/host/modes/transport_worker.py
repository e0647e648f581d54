"""The worker's side of mode `processes`: the main function of a process, and one sender per transport.

These functions have a file of their own, with almost no imports, because every spawned worker imports it.
"""

TYPE_CHECKING = False  # as in `typing`, which would cost every worker an import
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection
    from typing import Any

    from pi_tui.host.modes.job import ResultSender
    from pi_tui.host.worker_runtime import Call, Task


def run_worker(
    initializer: "Callable[..., None]",
    initargs: "tuple[Connection, Connection | None]",
    call: "Call",
    tasks: "Sequence[Task]",
    worker: int,
    send: "ResultSender",
) -> None:
    """Run one worker's tasks and send each result to the parent."""
    initializer(*initargs)
    for index, samples, seed in tasks:
        result = call(index, samples, seed, worker=worker)
        try:
            send(index, result)
        except BaseException as error:
            call.report_delivery_failure(worker, index, error)
            raise


def put_into_queue(queue: "Any", index: int, result: "Any") -> None:
    queue.put((index, result))


def pickle_into_queue(queue: "Any", index: int, result: "Any") -> None:
    """Pickle here and not in the queue's background thread, where an error would go unnoticed."""
    from multiprocessing.reduction import ForkingPickler

    queue.put((index, bytes(ForkingPickler.dumps(result))))


def send_through_pipe(connection: "Connection", index: int, result: "Any") -> None:
    connection.send((index, result))


def add_to_value(total: "Any", index: int, result: "Any") -> None:
    number = require_number(result, "value")
    with total.get_lock():
        total.value += number


def store_in_array(numbers: "Any", index: int, result: "Any") -> None:
    numbers[index] = require_number(result, "array")


def require_number(result: object, transport: str) -> "int | float":
    """Return the result as a number.

    Raises:
        TypeError: the result is not a number.
    """
    from pi_tui.host.result_values import to_number

    number = to_number(result)
    if number is None:
        kind = type(result).__name__
        what = "nothing" if result is None else f"{'an' if kind[:1].lower() in 'aeiou' else 'a'} {kind}"
        raise TypeError(f"the transport {transport} carries one number per task, but the kernel returned {what}")
    return number


def write_to_shared_memory(name: str, tasks: int, typecode: str, index: int, result: "Any") -> None:
    from multiprocessing.shared_memory import SharedMemory

    import numpy

    number = require_number(result, "shared-memory")
    memory = SharedMemory(name)
    numbers: Any = numpy.ndarray(tasks, dtype=typecode, buffer=memory.buf)
    numbers[index] = number
    del numbers
    memory.close()
