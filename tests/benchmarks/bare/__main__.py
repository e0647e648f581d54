"""A bare program with a stopwatch. It reads lines `MODE SAMPLES` and answers each with its wall in seconds.

It is a package's main module, as the laboratory's host is. Every spawned worker runs a main script again, which takes some
milliseconds that would falsify the comparison.
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
