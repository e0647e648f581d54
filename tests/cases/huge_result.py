"""Return a result as large as the task: a list of floats, or bytes."""


def func(n):
    return [i * 0.5 for i in range(n)]


def blob(n):
    return bytes(n)
