"""Multiply matrices: as they come, with two BLAS threads inside, and with Numba's threads inside."""

import ctypes
import glob
import os

import numba
import numpy as np

MATRIX = np.random.default_rng(1).random((900, 900))
NAMES = ("scipy_openblas_set_num_threads64_", "openblas_set_num_threads64_", "openblas_set_num_threads")


def set_blas_threads(count):
    libraries = os.path.join(os.path.dirname(os.path.dirname(np.__file__)), "numpy.libs", "*openblas*")
    for file in glob.glob(libraries):
        library = ctypes.CDLL(file)
        for name in NAMES:
            if hasattr(library, name):
                getattr(library, name)(count)


def func(n):
    for _ in range(n):
        product = MATRIX @ MATRIX
    return float(product[0, 0])


def widened(n):
    set_blas_threads(2)
    return func(n)


@numba.njit(parallel=True, nogil=True)
def _in_parallel(n):
    total = 0.0
    for i in numba.prange(n * 1000):
        x = float(i)
        for _ in range(300):
            x = x * 1.0000001 + 0.5
        total += x
    return total


_in_parallel(1)


def par(n):
    return _in_parallel(n)
