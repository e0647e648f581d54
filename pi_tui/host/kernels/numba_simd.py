"""Count darts as fast as one core can: each dart is computed from a counter, so that Numba can vectorise the loop.

The generator applies SplitMix64's finaliser to a Weyl sequence (G. L. Steele, D. Lea, C. H. Flood: Fast splittable
pseudorandom number generators, OOPSLA 2014). A dart depends only on its counter and not on the dart before it, which is what
allows vector code. All arithmetic uses 64-bit integers.

No two tasks of a trial throw the same dart. Dart i of a task has the counter `start + i` modulo 2**64, and each counter
gives a different word. `start` is the task's seed with its two halves swapped. The seeds of a trial differ only in the lower
half, and `pi_tui.host.seeds` spaces them so that each of n tasks (up to 10 000) has at least 2**64 / (3 n) counters to
itself. At 10**9 darts per second, the counters of one of a hundred tasks last for almost two years.
"""

from numba import njit, uint64

_GAMMA = uint64(0x9E3779B97F4A7C15)
_FIRST = uint64(0xBF58476D1CE4E5B9)
_SECOND = uint64(0x94D049BB133111EB)
_LOWER_31 = uint64(0x7FFFFFFF)


@njit("int64(uint64, int64)", cache=True, nogil=True)
def count_darts(start: int, samples: int) -> int:
    """Count how many of the `samples` darts from counter `start` on hit a quarter circle of radius 2**31.

    Each word gives both coordinates, integers below 2**31. The sum of their squares is below 2**63. Shifted right by 62
    bits, it is 0 for a hit and 1 for a miss, so the loop adds up the misses. On this grid the share of hits is 5e-10 larger
    than pi / 4. Each sample costs 4 integer multiplications and 12 cheaper integer operations, and no memory.
    """
    misses = uint64(0)
    weyl = start * _GAMMA
    for _ in range(samples):
        word = weyl
        weyl += _GAMMA
        word = (word ^ (word >> uint64(30))) * _FIRST
        word = (word ^ (word >> uint64(27))) * _SECOND
        word ^= word >> uint64(31)
        x = word >> uint64(33)
        y = word & _LOWER_31
        misses += (x * x + y * y) >> uint64(62)
    return samples - int(misses)


@njit("uint64(uint64)", cache=True, nogil=True)
def compute_first_counter(seed: int) -> int:
    """Return the counter of a task's first dart: the seed with its two 32-bit halves swapped."""
    return seed << uint64(32) | seed >> uint64(32)  # type: ignore[return-value]


@njit("int64(int64, uint64)", cache=True, nogil=True)
def count_hits(samples: int, seed: int) -> int:
    """Count the darts of one task, with the GIL released at the start of the call and taken back at the end."""
    return count_darts(compute_first_counter(seed), samples)
