"""Count darts in a pure Python loop, with a separate random generator for each task."""

import random


def count_hits(samples: int, seed: int) -> int:
    """Count how many of `samples` random points in the square from -1 to 1 fall inside the unit circle.

    The loop is the same as in `python_loop.py`, but each task has a generator of its own. A shared generator serves only
    one thread at a time. Each sample costs two random draws and five operations, and no memory.
    """
    generator = random.Random(seed)
    hits = 0
    for _ in range(samples):
        x = generator.uniform(-1.0, 1.0)
        y = generator.uniform(-1.0, 1.0)
        if x * x + y * y < 1.0:
            hits += 1
    return hits
