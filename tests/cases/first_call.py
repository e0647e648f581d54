"""Fill a cache in the first call of each process."""

cache = None


def burn(k):
    total = 0
    for i in range(k):
        total += i * i
    return total


def func(n):
    global cache
    if cache is None:
        cache = burn(4_000_000)
    return burn(n)
