"""Counting darts in pure Python, with a random generator of its own for each task."""

import random


def count_hits(samples: int, seed: int) -> int:
    """How many of `samples` random points of the square from -1 to 1 fall inside the circle it encloses.

    The same loop as in `python_loop.py`, but no thread draws from a generator that another one uses: a shared one can only
    serve one thread at a time. As many operations a sample, and no memory.
    """
    generator = random.Random(seed)
    hits = 0
    for _ in range(samples):
        x = generator.uniform(-1.0, 1.0)
        y = generator.uniform(-1.0, 1.0)
        if x * x + y * y < 1.0:
            hits += 1
    return hits
