from numba import njit


@njit
def held(n):
    total = 0
    for i in range(n):
        total += i * i % 7
    return total


@njit(nogil=True, cache=False)
def released(n, seed):
    return n + seed % 2
