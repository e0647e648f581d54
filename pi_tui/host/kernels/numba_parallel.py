"""Count the darts of `numba_simd.py` in threads that Numba starts inside one call (`prange`).

Numba's threading layer provides the threads: TBB, OpenMP, or Numba's own work queue if neither is installed. The work queue
ends the whole process if two threads enter it at the same time, so pi-tui asks for the layer before it runs anything. Each
process has NUMBA_NUM_THREADS such threads; pi-tui sets this number to the usable cores.
"""

import numba
from numba import njit, prange

from pi_tui.host.kernels.numba_simd import compute_first_counter, count_darts

_BLOCK = 1 << 20
"""Darts per block of work for one thread: about a millisecond, much longer than it takes to assign the block."""


@njit("int64(int64, uint64)", cache=True, nogil=True, parallel=True)
def count_hits(samples: int, seed: int) -> int:
    """Count exactly the darts of `numba_simd.count_hits`, regardless of the number of threads.

    Each sample costs as many operations as in `numba_simd.py`; the only memory is one sum per thread. Depending on the
    threading layer, the calling thread computes a share or waits for the others. Its CPU time does not include theirs.
    """
    start = compute_first_counter(seed)
    hits = 0
    for block in prange((samples + _BLOCK - 1) // _BLOCK):
        first = block * _BLOCK
        hits += count_darts(start + first, min(_BLOCK, samples - first))
    return hits


def find_threading_layer() -> str:
    """Run one sample and return the threading layer that Numba then uses: "tbb", "omp" or "workqueue"."""
    count_hits(1, 0)
    name: str = numba.threading_layer()  # type: ignore[attr-defined]
    return name
