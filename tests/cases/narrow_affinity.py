"""Narrow the affinity mask to core 0 within the function."""

import os


def func(n):
    os.sched_setaffinity(0, {0})
    total = 0
    for i in range(n):
        total += i * i
    return total
