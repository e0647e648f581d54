"""Draw from NumPy's global generator, which every fork copies."""

import numpy as np

np.random.seed(1)


def func(n):
    total = 0.0
    for _ in range(max(1, n // 100_000)):
        total += float(np.random.random(100_000).mean())
    return total
