"""Kernels that lose speed-up, each for one real cause."""

from __future__ import annotations

import contextlib
import threading
import time

_lock = threading.Lock()


def sleeps(samples: int, seed: int) -> int:
    """Sleep."""
    time.sleep(samples / 1e6)
    return samples


def locks(samples: int, seed: int) -> int:
    """Hold a lock while sleeping, so that other threads wait for this lock and not for the GIL."""
    for _ in range(20):
        with _lock:
            time.sleep(samples / 2e7)
    return samples


def uneven(samples: int, seed: int) -> int:
    """Do ten times the work if the seed is odd."""
    end = time.thread_time() + samples / 1e7 * (10 if seed % 2 else 1)
    while time.thread_time() < end:
        pass
    return samples


def busier_with_others(samples: int, seed: int) -> int:
    """Use twice the CPU time if other threads run, like work that competes for memory or a spinning lock."""
    others = threading.active_count() > 2
    end = time.thread_time() + samples / 1e6 * (2 if others else 1)
    with contextlib.suppress(ImportError):
        import numpy

        block = numpy.zeros(100_000)
        while time.thread_time() < end:
            block += 1.0  # releases the GIL while it works
    return samples


def convoy(samples: int, seed: int) -> int:
    """Make many tiny NumPy calls, each of which releases the GIL and takes it back at once."""
    import numpy

    generator = numpy.random.default_rng(seed)
    for _ in range(samples):
        generator.random(2000)
    return samples


def half_the_hits(samples: int, seed: int) -> int:
    """Return half of the expected hits."""
    return round(samples * 0.3927)


def same_stream(samples: int, seed: int) -> int:
    """Draw the same numbers in every worker."""
    import random

    generator = random.Random(time.time() // 3600)
    return sum(generator.random() < 0.785398 for _ in range(samples))
