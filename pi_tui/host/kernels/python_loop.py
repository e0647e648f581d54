"""Count darts in a pure Python loop."""

import random


def count_hits(samples: int, seed: int) -> int:
    """Count how many of `samples` random points in the square from -1 to 1 fall inside the unit circle.

    All threads draw from the shared generator of the `random` module, so this function ignores `seed` (see `seed_shared`).
    Each sample costs two random draws and five operations, and no memory.
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
