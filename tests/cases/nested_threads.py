"""Do the work in two helper threads of pure Python, which share the GIL."""

from concurrent.futures import ThreadPoolExecutor


def burn(k):
    total = 0
    for i in range(k):
        total += i * i
    return total


def func(n):
    with ThreadPoolExecutor(2) as pool:
        return sum(pool.map(burn, [n // 2] * 2))
