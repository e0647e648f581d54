"""The kernels by name, with their traits. Importing this file imports no kernel and no library.

A kernel is a function `kernel(samples: int, seed: int) -> int`. Each counts something whose share of the samples is known,
so that every run is also a check of itself.
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
"""What a kernel returns: points inside the circle (a share of pi / 4), or values below one half (a share of 1 / 2).

A function of a person's own counts nothing that is known: what it returns is kept where it is a number, and not judged.
"""


@dataclass(frozen=True, slots=True)
class Kernel:
    """One entry of the catalog.

    Attributes:
        name: what a person types.
        summary: one line for lists and help.
        module: the file that holds it.
        function: its name in that file.
        needs: third-party modules that it imports.
        holds_gil: whether a call keeps the GIL from first to last; None where it gives it up now and then.
        shared_stream: its random numbers come from a generator that all threads of a process share. Such a kernel's
            module has `seed_shared(seed)`, called once a process before a trial; all others use the seed of the task.
        proportional: its cost grows in proportion to the samples, so a baseline of another size can be scaled.
        bytes_per_sample: the most memory that one call holds, divided by its samples.
        counts: what it returns.
        twin: the kernel with the same body and the other GIL setting.
        unshared: the kernel with the same body and a generator of its own for each task.
        own: where it comes from if it is a function of a person's own; None for one of the catalog.
        threads_inside: a call starts threads of its own. Such a kernel's module has `layer()`, which runs it once and names
            what starts them; what its workers did inside a call is not known.
        typical_samples_per_s: one core's rate, to order of magnitude: for the first estimate of a run's time alone.
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


_HERE = "pi_tui.host.kernels"

KERNELS: dict[str, Kernel] = {
    kernel.name: kernel
    for kernel in (
        Kernel(
            "python",
            "a loop in pure Python over the shared random module",
            f"{_HERE}.python_loop",
            "count_hits",
            holds_gil=True,
            shared_stream=True,
            unshared="python-own-random",
            typical_samples_per_s=3e6,
        ),
        Kernel(
            "python-own-random",
            "the same loop with a random.Random of its own for each task: no thread waits for another's",
            f"{_HERE}.python_own_random",
            "count_hits",
            holds_gil=True,
            typical_samples_per_s=3e6,
        ),
        Kernel(
            "numpy",
            "whole arrays, drawn from NumPy's shared random state",
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
            "arrays of one block used again and again, from a generator of its own: they stay in a core's cache",
            f"{_HERE}.numpy_chunked",
            "count_hits",
            needs=("numpy",),
            holds_gil=None,
            typical_samples_per_s=2e8,
        ),
        Kernel(
            "numba",
            "the loop compiled by Numba, the GIL held throughout",
            f"{_HERE}.numba_loop",
            "count_hits",
            needs=("numba",),
            holds_gil=True,
            twin="numba-nogil",
            typical_samples_per_s=8e7,
        ),
        Kernel(
            "numba-nogil",
            "the same compiled loop with the GIL released",
            f"{_HERE}.numba_loop",
            "count_hits_nogil",
            needs=("numba",),
            holds_gil=False,
            twin="numba",
            typical_samples_per_s=8e7,
        ),
        Kernel(
            "numba-parallel",
            "the darts of numba-simd in threads that Numba starts itself (prange); its ledger is not known",
            f"{_HERE}.numba_parallel",
            "count_hits",
            needs=("numba",),
            holds_gil=False,
            typical_samples_per_s=2e9,
            threads_inside=True,
        ),
        Kernel(
            "numba-simd",
            "darts from a counter, in whole numbers: vector code, tens of times as fast as numba",
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
    """Import a kernel's function, with whatever library it needs.

    Raises:
        ImportError: its library is not there, or refuses to load.
    """
    found: KernelFunction = getattr(importlib.import_module(module), function)
    return found
