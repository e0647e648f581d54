"""Do the work in a child process and wait for it."""

import subprocess
import sys


def func(n):
    subprocess.run([sys.executable, "-S", "-c", f"total = 0\nfor i in range({n}): total += i * i"], check=True)
    return n
