"""Sort an array, as an example of a NumPy function that releases the GIL while it works."""

import numpy


def sort_and_count(samples: int, seed: int) -> int:
    """Sort `samples` random numbers between 0 and 1 and count those below one half.

    A binary search finds the count, which is correct only if the array is sorted; it should be about half of `samples`.
    Sorting n samples costs n random draws and about n log n comparisons. The call holds two arrays of 8 bytes per sample
    and has its own generator.
    """
    values = numpy.random.default_rng(seed).random(samples)
    ordered = numpy.sort(values)
    return int(numpy.searchsorted(ordered, 0.5))
