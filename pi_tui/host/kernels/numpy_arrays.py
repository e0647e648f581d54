"""Counting darts with whole arrays."""

import numpy


def count_hits(samples: int, seed: int) -> int:
    """How many of `samples` random points of the square from -1 to 1 fall inside the circle it encloses.

    All points at once: two rows of `samples` coordinates, their squares, the sums, and one truth value a point. A sample
    is two draws and 5 operations; at most 41 bytes a sample are held. Every thread draws from NumPy's one shared random
    state, whose lock they queue at; `seed` is not used here: see `seed_shared`.
    """
    points = numpy.random.uniform(-1.0, 1.0, size=(2, samples))
    inside = (points**2).sum(axis=0) < 1.0
    return int(numpy.count_nonzero(inside))


def seed_shared(seed: int) -> None:
    """Seed the random state that all threads of this process share."""
    numpy.random.seed(seed % 2**32)
