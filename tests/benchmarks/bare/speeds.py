"""A clock of CPU time around one function after another. Reads `MODULE FUNCTION SAMPLES SEED` lines, answers CPU seconds
and what was counted.

CPU time is the whole process's: a kernel with threads inside is asked for what a core does as well. A seed of "-" is no
argument at all.
"""

import importlib
import sys
import time

if __name__ == "__main__":
    for line in sys.stdin:
        module, function, samples, seed = line.split()
        called = getattr(importlib.import_module(module), function)
        arguments = (int(samples),) if seed == "-" else (int(samples), int(seed))
        start = time.process_time()
        counted = called(*arguments)
        print(time.process_time() - start, counted, flush=True)
