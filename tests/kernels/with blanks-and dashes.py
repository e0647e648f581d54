def func(n):
    return n
