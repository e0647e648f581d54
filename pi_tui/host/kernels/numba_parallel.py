"""Counting darts in threads that Numba starts inside one call: `prange`, over the same darts as in `numba_simd.py`.

Which threads those are is up to Numba's threading layer: TBB, OpenMP, or a work queue of its own where there is neither. Two
threads that enter the work queue at once end the whole process; so the layer is asked for before anything runs. There are
as many threads as NUMBA_NUM_THREADS says, in every process that makes a call; the laboratory sets it to the usable cores.
"""

import numba
from numba import njit, prange

from pi_tui.host.kernels.numba_simd import darts, first_counter

_BLOCK = 1 << 20
"""Darts that one thread takes at a time: a millisecond or less, much more than handing it out takes."""


@njit("int64(int64, uint64)", cache=True, nogil=True, parallel=True)
def count_hits(samples: int, seed: int) -> int:
    """The darts of one task: exactly those of `counters.count_hits`, whatever the number of threads.

    As many operations a sample as there, and no memory but one sum a thread. The calling thread does its share or waits
    for the others, by the layer; its CPU time tells nothing of theirs.
    """
    start = first_counter(seed)
    hits = 0
    for block in prange((samples + _BLOCK - 1) // _BLOCK):
        first = block * _BLOCK
        hits += darts(start + first, min(_BLOCK, samples - first))
    return hits


def layer() -> str:
    """Which threading layer Numba uses in this process ("tbb", "omp" or "workqueue"): known once it has run something."""
    count_hits(1, 0)
    name: str = numba.threading_layer()  # type: ignore[attr-defined]
    return name
