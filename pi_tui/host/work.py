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

Task = tuple[int, int, int]
"""index, samples, seed"""

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


class Call:
    """A kernel as the modes call it: `call(index, samples, seed)`; what a pool pickles.

def report_to(home: int, roll: int) -> None:
    """In a worker that is a subinterpreter: its readings go to the descriptor `home`, and its roll call to `roll`.

    Both are the process's own. A pool calls this once a worker.
    """
    import atexit

    readings.send_to(lambda record: os.write(home, record))
    roll_call.send_through(roll)
    atexit.register(readings.forget_threads)  # its files are the process's as well: they would outlive it


    Args:
        module: the kernel's file.
        function: its name there.
        trial: the trial's number, so that a process that serves several is seeded for each.
        seeds_itself: the kernel draws from a generator shared by its process, which is to be seeded from the first task
            that the process (or subinterpreter) gets. Threads of the host are seeded by the host, once.
        own: a function of a person's own; it then stands for module and function.
    """

    __slots__ = ("function", "module", "seeds_itself", "trial")

    def __init__(self, module: str, function: str, trial: int, *, seeds_itself: bool) -> None:
        self.module = module
        self.function = function
        self.trial = trial
        self.seeds_itself = seeds_itself

    def __getstate__(self) -> tuple[str, str, int, bool]:
        return self.module, self.function, self.trial, self.seeds_itself

    def __setstate__(self, state: tuple[str, str, int, bool]) -> None:
        self.module, self.function, self.trial, self.seeds_itself = state

    def __call__(self, index: int, samples: int, seed: int, worker: int = -1) -> int:
        """Run one task; an exception of the kernel is told to the host and raised on."""
        try:
            kernel = self._kernel(seed)
        except BaseException as error:
            readings.entered(worker, index)
            readings.left(worker, index, _describe(error))
            raise
        readings.entered(worker, index)
        try:
            result = kernel(samples, seed)
        except BaseException as error:
            readings.left(worker, index, _describe(error))
            raise
        readings.left(worker, index)
        return result

    def one(self, task: Task) -> int:
        """The same with the task as one argument."""
        return self(*task)

    def numbered(self, task: Task) -> tuple[int, int]:
        """The same, told with the task's index, for results that come in any order."""
        return task[0], self(*task)

    def _kernel(self, seed: int) -> Callable[[int, int], int]:
        """The kernel's function; its import is the worker's start-up, not its work."""
        global _seeded
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
    """Type, message and traceback of an exception, a NUL between them; cut to what a record can carry."""
    import traceback

    def cut(text: str, length: int) -> str:
        return text.replace("\0", " ").encode()[:length].decode(errors="ignore")

    trace = "".join(traceback.format_exception(error)).encode()[-2600:].decode(errors="ignore").replace("\0", " ")
    return "\0".join((cut(type(error).__name__, 200), cut(str(error), 1000), trace))
