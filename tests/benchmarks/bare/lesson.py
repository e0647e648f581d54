"""The kernels of a first lesson on parallel Python: a loop compiled by Numba, and whole arrays. Points over the square."""

import random

import numba
import numpy


@numba.njit
def looped(samples):
    inside = 0
    for _ in range(samples):
        x = random.uniform(-1, 1)
        y = random.uniform(-1, 1)
        if x * x + y * y <= 1:
            inside += 1
    return inside


def arrays(samples):
    x = numpy.random.uniform(-1, 1, samples)
    y = numpy.random.uniform(-1, 1, samples)
    return int(numpy.sum(x**2 + y**2 <= 1))
