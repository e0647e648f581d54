"""Functions as users write them, and functions that fail in every possible way."""

from __future__ import annotations

import ctypes
import math
import os
import sys
import threading
import time

import sibling_module  # a file in the same folder

NOT_CALLABLE = [1, 2, 3]


def adds_up(n, depth=1, quiet=False):
    """Adds up squares.

    More words.
    """
    total = 0
    for i in range(n):
        total += i * i % 7 * depth
    return total if quiet else sibling_module.same(total)


def takes_a_seed(n, *, seed):
    if not isinstance(seed, int):
        raise TypeError("the seed is no number")
    return seed % 1000 + 0.5


def returns_nothing(n):
    for _ in range(n):
        pass


def returns_a_dict(n):
    return {"n": n}


def returns_a_giant(n):
    return 1 << 20_000


def returns_a_function(n):
    return lambda: n


def tells_its_arguments(n, **given):
    print(f"given: {sorted(given.items())}", flush=True)
    return n


def sleeps(n):
    time.sleep(n / 1000)


def holds_the_gil(n):
    """Compute in one call into C that holds the GIL throughout."""
    return math.factorial(n) % 7


def sleeps_with_the_gil(n):
    """Sleep in one call into C that holds the GIL throughout."""
    ctypes.PyDLL(None).usleep(n * 1000)


def raises(n):
    raise ValueError("no such luck")


def raises_aloud(n):
    print(f"tried {n}")
    raise ValueError("no such luck")


def leaves(n):
    os._exit(3)


def quits(n):
    sys.exit(4)


def comes_back_twice(n):
    child = os.fork()
    if child:
        os.waitpid(child, 0)
    return n


def reads_nothing(n):
    ctypes.string_at(0)


def never_ends(n):
    while True:
        pass


def prints(n):
    print("x" * 1_000_000)
    return n


def leaves_threads(n):
    for _ in range(2):
        threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()
    return n


def leaves_stubborn_threads(n):
    threading.Thread(target=time.sleep, args=(3600,)).start()
    return n


def takes_two(n, depth):
    return n * depth


def takes_nothing():
    return 1


async def waits(n):
    return n


def gives_one_after_the_other(n):
    yield n
