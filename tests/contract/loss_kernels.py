"""Kernels that each produce one cause of a lost speed-up, for real."""

from __future__ import annotations

import contextlib
import threading
import time

_lock = threading.Lock()


def sleeps(samples: int, seed: int) -> int:
    """Waits for nothing but time."""
    time.sleep(samples / 1e6)
    return samples


def locks(samples: int, seed: int) -> int:
    """Holds a lock of its own while it sleeps: a lock, and not the GIL, is what the other waits for."""
    for _ in range(20):
        with _lock:
            time.sleep(samples / 2e7)
    return samples


def uneven(samples: int, seed: int) -> int:
    """Ten times the work where the seed is odd: for workers whose seeds differ in their last bit."""
    end = time.thread_time() + samples / 1e7 * (10 if seed % 2 else 1)
    while time.thread_time() < end:
        pass
    return samples


def twice_as_busy_with_company(samples: int, seed: int) -> int:
    """Burns twice the processor time when it is not alone, as work that fights over memory or a spinning lock does."""
    company = threading.active_count() > 2
    end = time.thread_time() + samples / 1e6 * (2 if company else 1)
    with contextlib.suppress(ImportError):
        import numpy

        block = numpy.zeros(100_000)
        while time.thread_time() < end:
            block += 1.0  # gives the GIL away while it works
    return samples


def convoy(samples: int, seed: int) -> int:
    """Many tiny NumPy calls, each of which gives the GIL away and wants it back at once."""
    import numpy

    generator = numpy.random.default_rng(seed)
    for _ in range(samples):
        generator.random(2000)
    return samples


def wrong(samples: int, seed: int) -> int:
    """Half the hits that there should be."""
    return round(samples * 0.3927)


def same_stream(samples: int, seed: int) -> int:
    """Every worker draws the same numbers, another set in each trial."""
    import random

    generator = random.Random(time.time() // 3600)
    return sum(generator.random() < 0.785398 for _ in range(samples))
