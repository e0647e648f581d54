"""One task as every worker does it: find the kernel, read the clocks, call, read the clocks.

Every spawned worker imports this file, so it imports next to nothing itself.
"""

import os
import sys
from collections.abc import Callable

from pi_tui.host import readings, roll_call

TYPE_CHECKING = False  # as in `typing`, whose import a worker can do without
if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from typing import Any

    from pi_tui.host.own_code import OwnCode

Task = tuple[int, int, int]
"""index, samples, seed"""

_LONGEST_LINE = 300

_seeded: tuple[int, int] | None = None
_pipes: "tuple[Connection[bytes, bytes], Connection[bytes, bytes] | None] | None" = None


def report_through(home: "Connection[bytes, bytes]", roll: "Connection[bytes, bytes] | None") -> None:
    """In a worker that is a process: its readings go through `home`, and its roll call through `roll`.

    A pool calls this once a worker.
    """
    global _pipes
    _pipes = home, roll  # kept, or their descriptors would be closed with them
    descriptor = home.fileno()
    readings.send_to(lambda record: os.write(descriptor, record))
    roll_call.send_through(-1 if roll is None else roll.fileno())


def report_to(home: int, roll: int) -> None:
    """In a worker that is a subinterpreter: its readings go to the descriptor `home`, and its roll call to `roll`.

    Both are the process's own. A pool calls this once a worker.
    """
    import atexit

    readings.send_to(lambda record: os.write(home, record))
    roll_call.send_through(roll)
    atexit.register(readings.forget_threads)  # its files are the process's as well: they would outlive it


class Call:
    """A kernel as the modes call it: `call(index, samples, seed)`; what a pool pickles.

    Args:
        module: the kernel's file.
        function: its name there.
        trial: the trial's number, so that a process that serves several is seeded for each.
        seeds_itself: the kernel draws from a generator shared by its process, which is to be seeded from the first task
            that the process (or subinterpreter) gets. Threads of the host are seeded by the host, once.
        own: a function of a person's own; it then stands for module and function.
    """

    __slots__ = ("function", "module", "own", "seeds_itself", "trial")

    def __init__(
        self, module: str, function: str, trial: int, *, seeds_itself: bool, own: "OwnCode | None" = None
    ) -> None:
        self.module = module
        self.function = function
        self.trial = trial
        self.seeds_itself = seeds_itself
        self.own = own

    def __getstate__(self) -> "tuple[str, str, int, bool, OwnCode | None]":
        return self.module, self.function, self.trial, self.seeds_itself, self.own

    def __setstate__(self, state: "tuple[str, str, int, bool, OwnCode | None]") -> None:
        self.module, self.function, self.trial, self.seeds_itself, self.own = state

    def __call__(self, index: int, samples: int, seed: int, worker: int = -1) -> "Any":
        """Run one task; an exception of the kernel is told to the host and raised on."""
        try:
            kernel = self._kernel(seed)
        except BaseException as error:
            readings.entered(worker, index)
            readings.left(worker, index, self._describe(error))
            raise
        readings.entered(worker, index)
        try:
            result = kernel(samples, seed)
        except BaseException as error:
            readings.left(worker, index, self._describe(error))
            raise
        readings.left(worker, index)
        return result

    def one(self, task: Task) -> "Any":
        """The same with the task as one argument."""
        return self(*task)

    def numbered(self, task: Task) -> "tuple[int, Any]":
        """The same, told with the task's index, for results that come in any order."""
        return task[0], self(*task)

    def failed_to_deliver(self, worker: int, index: int, error: BaseException) -> None:
        """Tell the host that a result could not be sent home."""
        readings.left(worker, index, self._describe(error))

    def _describe(self, error: BaseException) -> str:
        if self.own is None:
            return _describe(error)
        return _packed(*self.own.tell(error))

    def _kernel(self, seed: int) -> "Callable[[int, int], Any]":
        """The kernel's function; its import is the worker's start-up, not its work."""
        global _seeded
        if self.own is not None:
            return self.own.kernel()
        module = sys.modules.get(self.module)
        if module is None:
            __import__(self.module)
            module = sys.modules[self.module]
        if self.seeds_itself and _seeded != (os.getpid(), self.trial):
            _seeded = (os.getpid(), self.trial)
            module.seed_shared(seed)
        kernel: Callable[[int, int], int] = getattr(module, self.function)
        return kernel


def _describe(error: BaseException) -> str:
    """Type, message and traceback of an exception, as a record carries them."""
    import traceback

    return _packed(type(error).__name__, str(error), "".join(traceback.format_exception(error)))


def _packed(kind: str, message: str, trace: str) -> str:
    """The three with a NUL between them, cut to what a record can carry."""

    def cut(text: str, length: int) -> str:
        return text.replace("\0", " ").encode(errors="replace")[:length].decode(errors="ignore")

    lines = "\n".join(line[:_LONGEST_LINE] for line in trace.split("\n"))  # a long message hides where it was raised
    last = lines.encode(errors="replace")[-2600:].decode(errors="ignore").replace("\0", " ")
    return "\0".join((cut(kind, 200), cut(message, 1000), last))


def number_of(result: object) -> "int | float | None":
    """A result as a number, whatever kind of number it is; None for anything else, and for one of more than 64 bits."""
    if result is None or isinstance(result, bool | complex) or hasattr(type(result), "__len__"):
        return None
    try:
        if hasattr(type(result), "__index__"):
            number = int(result)  # type: ignore[call-overload]
            return number if -(1 << 63) <= number < 1 << 63 else None
        return float(result) if hasattr(type(result), "__float__") else None  # type: ignore[arg-type]
    except Exception:  # a kind of number of the person's own
        return None
