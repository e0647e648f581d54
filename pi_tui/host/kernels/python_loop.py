"""Counting darts in pure Python."""

import random


def count_hits(samples: int, seed: int) -> int:
    """How many of `samples` random points of the square from -1 to 1 fall inside the circle it encloses.

    Every thread draws from the one generator of the `random` module, so `seed` is not used here: see `seed_shared`.
    A sample is two draws and 5 operations, and no memory.
    """
    hits = 0
    for _ in range(samples):
        x = random.uniform(-1.0, 1.0)
        y = random.uniform(-1.0, 1.0)
        if x * x + y * y < 1.0:
            hits += 1
    return hits


def seed_shared(seed: int) -> None:
    """Seed the generator that all threads of this process share."""
    random.seed(seed)
