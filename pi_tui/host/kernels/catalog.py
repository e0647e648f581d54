"""The kernels by name, with their traits. Importing this file imports neither kernels nor libraries.

A kernel is a function `kernel(samples: int, seed: int) -> int`. It counts something whose expected share of the samples is
known, so that each run also checks its own result.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pi_tui.host.protocol import UserSource

KernelFunction = Callable[[int, int], int]

Counts = Literal["hits", "lower-half", "nothing"]
"""What a kernel counts: points inside the circle (expected share pi / 4), or values below one half (expected share 1 / 2).

A user's function counts "nothing": its results are kept if they are numbers, but there is no expected value to check.
"""


@dataclass(frozen=True, slots=True)
class Kernel:
    """One entry of the catalog.

    Attributes:
        name: the name that the user types.
        summary: one line for lists and help.
        module: the module that defines the kernel.
        function: the function's name in that module.
        needs: third-party modules that the kernel imports.
        holds_gil: True if a call holds the GIL throughout, False if it releases it; None if it does so only in parts or if
            that is unknown.
        shared_stream: the kernel draws from a generator that all threads of a process share. Its module then has
            `seed_shared(seed)`, which is called once per process before a trial. Other kernels use the task's seed.
        proportional: the cost is proportional to the samples, so that a baseline of another size can be scaled.
        bytes_per_sample: the peak memory of one call divided by its samples.
        counts: what the kernel counts.
        twin: the kernel with the same code and the opposite GIL setting.
        unshared: the kernel with the same code and a separate generator for each task.
        own: the source of a user's function; None for a kernel of the catalog.
        threads_inside: a call starts threads of its own, which the ledger does not cover. The kernel's module then has
            `find_threading_layer()`, which runs the kernel once and names the library that starts the threads.
        takes_seed: whether each task gets a seed of its own; None for a user's function that has not been imported yet.
        typical_samples_per_s: the rate of one core, to an order of magnitude. Only the first time estimate uses it.
    """

    name: str
    summary: str
    module: str
    function: str
    needs: tuple[str, ...] = ()
    holds_gil: bool | None = True
    shared_stream: bool = False
    proportional: bool = True
    bytes_per_sample: int = 0
    counts: Counts = "hits"
    twin: str | None = None
    unshared: str | None = None
    typical_samples_per_s: float = 1e6
    own: UserSource | None = None
    threads_inside: bool = False
    takes_seed: bool | None = None


_HERE = "pi_tui.host.kernels"

KERNELS: dict[str, Kernel] = {
    kernel.name: kernel
    for kernel in (
        Kernel(
            "python",
            "a pure Python loop over the shared random module",
            f"{_HERE}.python_loop",
            "count_hits",
            holds_gil=True,
            shared_stream=True,
            unshared="python-own-random",
            typical_samples_per_s=3e6,
        ),
        Kernel(
            "python-own-random",
            "the same loop with one random.Random per task",
            f"{_HERE}.python_own_random",
            "count_hits",
            holds_gil=True,
            typical_samples_per_s=3e6,
        ),
        Kernel(
            "numpy",
            "whole arrays from NumPy's shared random state",
            f"{_HERE}.numpy_arrays",
            "count_hits",
            needs=("numpy",),
            holds_gil=None,
            shared_stream=True,
            bytes_per_sample=41,
            typical_samples_per_s=7e7,
        ),
        Kernel(
            "numpy-chunked",
            "small, reused arrays with one generator per task",
            f"{_HERE}.numpy_chunked",
            "count_hits",
            needs=("numpy",),
            holds_gil=None,
            typical_samples_per_s=2e8,
        ),
        Kernel(
            "numba",
            "the loop compiled by Numba, GIL held throughout",
            f"{_HERE}.numba_loop",
            "count_hits",
            needs=("numba",),
            holds_gil=True,
            twin="numba-nogil",
            typical_samples_per_s=8e7,
        ),
        Kernel(
            "numba-nogil",
            "the same compiled loop, GIL released",
            f"{_HERE}.numba_loop",
            "count_hits_nogil",
            needs=("numba",),
            holds_gil=False,
            twin="numba",
            typical_samples_per_s=8e7,
        ),
        Kernel(
            "numba-parallel",
            "numba-simd in Numba's own threads (prange), no ledger",
            f"{_HERE}.numba_parallel",
            "count_hits",
            needs=("numba",),
            holds_gil=False,
            typical_samples_per_s=2e9,
            threads_inside=True,
        ),
        Kernel(
            "numba-simd",
            "vectorised darts from a counter, far faster than numba",
            f"{_HERE}.numba_simd",
            "count_hits",
            needs=("numba",),
            holds_gil=False,
            typical_samples_per_s=2e9,
        ),
        Kernel(
            "numpy-sort",
            "numpy.sort of a random array (samples = its length)",
            f"{_HERE}.numpy_sort",
            "sort_and_count",
            needs=("numpy",),
            holds_gil=None,
            proportional=False,
            bytes_per_sample=16,
            counts="lower-half",
            typical_samples_per_s=5e7,
        ),
    )
}


def load_kernel(module: str, function: str) -> KernelFunction:
    """Import a kernel's function, and with it the libraries that it needs.

    Raises:
        ImportError: a library is missing or does not load.
    """
    found: KernelFunction = getattr(importlib.import_module(module), function)
    return found
