"""Narrow the affinity mask to core 0 as the module is imported."""

import os

os.sched_setaffinity(0, {0})


def func(n):
    total = 0
    for i in range(n):
        total += i * i
    return total
