"""A stopwatch around a bare program. Reads `MODE SAMPLES` lines, answers each with its wall seconds.

It is a package's main file, as the laboratory's host is: a script's is run again by every spawned worker, which takes some
milliseconds that have nothing to do with either.
"""

import sys
import time

from tests.benchmarks.bare.ways import WAYS

if __name__ == "__main__":
    for line in sys.stdin:
        mode, samples = line.split()
        start = time.perf_counter()
        WAYS[mode](int(samples))
        print(time.perf_counter() - start, flush=True)
