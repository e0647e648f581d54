"""Touch the reference counts of objects that a fork shares, which copies their pages."""

BIG = [str(i) for i in range(2_000_000)]


def func(n):
    total = 0
    for _ in range(n):
        for _each in BIG:
            total += 1
    return total
