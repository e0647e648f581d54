"""Measure the CPU time of functions: read lines `MODULE FUNCTION SAMPLES SEED`, answer CPU seconds and the count.

The CPU time is that of the whole process, so a kernel with threads inside is measured per core too. The seed "-" means no
argument.
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
