"""Start a thread at import that spins for ever and holds the GIL half of the time."""

import threading


def spin():
    while True:
        pass


threading.Thread(target=spin, daemon=True, name="spinner").start()


def func(n):
    total = 0
    for i in range(n):
        total += i * i
    return total
