"""Count darts with whole NumPy arrays."""

import numpy


def count_hits(samples: int, seed: int) -> int:
    """Count how many of `samples` random points in the square from -1 to 1 fall inside the unit circle.

    The function handles all points at once: it holds two rows of coordinates, their squares, the sums and one boolean per
    point, at most 41 bytes per sample. Each sample costs two random draws and five operations. All threads draw from
    NumPy's shared random state and queue for its lock, so this function ignores `seed` (see `seed_shared`).
    """
    points = numpy.random.uniform(-1.0, 1.0, size=(2, samples))
    inside = (points**2).sum(axis=0) < 1.0
    return int(numpy.count_nonzero(inside))


def seed_shared(seed: int) -> None:
    """Seed the random state that all threads of this process share."""
    numpy.random.seed(seed % 2**32)
