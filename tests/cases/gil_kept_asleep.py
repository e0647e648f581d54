"""Sleep in a C function that keeps the GIL, while the main thread computes; run as a program."""

import ctypes
import threading
import time


def hold(until):
    library = ctypes.PyDLL(None)  # PyDLL keeps the GIL, CDLL releases it
    while time.monotonic() < until:
        library.usleep(100_000)
        time.sleep(0.001)


if __name__ == "__main__":
    end = time.monotonic() + 4
    threading.Thread(target=hold, args=(end,), name="holder").start()
    while time.monotonic() < end:
        sum(range(1000))
