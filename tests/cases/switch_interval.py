"""Set the switch interval: 100 s leaves no turns at all, 1e-6 s makes thousands."""

import sys


def func(n, interval=100.0):
    sys.setswitchinterval(interval)
    total = 0
    for i in range(n):
        total += i * i
    return total
