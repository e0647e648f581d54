"""Print and flush a line for every sample."""


def func(n):
    for i in range(n):
        print("record", i, flush=True)
    return n
