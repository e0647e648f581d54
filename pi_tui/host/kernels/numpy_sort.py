"""Sorting, as an example of a NumPy function that gives the GIL away while it works."""

import numpy


def sort_and_count(samples: int, seed: int) -> int:
    """Sort `samples` random numbers from 0 to 1 and say how many lie below one half: about a half of them.

    A binary search finds that place, and finds it right only where the array is in order. n samples
    take one draw each and in the order of n log n comparisons; two arrays of 8 bytes a sample are held. Each call has a
    generator of its own.
    """
    values = numpy.random.default_rng(seed).random(samples)
    ordered = numpy.sort(values)
    return int(numpy.searchsorted(ordered, 0.5))
