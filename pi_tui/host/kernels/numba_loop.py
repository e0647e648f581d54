"""Count darts in a loop compiled by Numba, with the GIL held and with the GIL released.

In compiled code, `random` is Numba's own generator: each thread has one, and the compiled function seeds it. The functions
have explicit signatures, so Numba compiles them when this file is imported, not at the first call. Numba caches the machine
code, and spawned workers load it from there.
"""

import random

from numba import njit

_SIGNATURE = "int64(int64, uint64)"


@njit(_SIGNATURE, cache=True)
def _count_darts(samples: int, seed: int) -> int:
    """Count how many of `samples` random points in the square from -1 to 1 fall inside the unit circle.

    Each sample costs two draws from a Mersenne Twister and five operations, about 12 nanoseconds in total, and no memory.
    """
    random.seed(seed)
    hits = 0
    for _ in range(samples):
        x = random.uniform(-1.0, 1.0)
        y = random.uniform(-1.0, 1.0)
        if x * x + y * y < 1.0:
            hits += 1
    return hits


@njit(_SIGNATURE, cache=True)
def count_hits(samples: int, seed: int) -> int:
    """Count darts while this thread holds the GIL."""
    return _count_darts(samples, seed)


@njit(_SIGNATURE, cache=True, nogil=True)
def count_hits_nogil(samples: int, seed: int) -> int:
    """Count the same darts, but release the GIL at the start of the call and take it back at the end."""
    return _count_darts(samples, seed)
