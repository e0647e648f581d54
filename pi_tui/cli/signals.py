"""Signals that ask a program to end, until a command has a way of its own to mind them.

This file imports next to nothing: it is there before the rest of the program is.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

_ENDING = ("SIGTERM", "SIGHUP")


@contextmanager
def as_interrupts() -> Iterator[None]:
    """Meanwhile, they are what Ctrl-C is: a KeyboardInterrupt. Those that are ignored (nohup does that) stay so."""
    before: dict[int, object] = {}
    for name in _ENDING:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            try:
                before[number] = signal.signal(number, signal.default_int_handler)
            except ValueError:  # not in the main thread
                break
    try:
        yield
    finally:
        for number in before:
            signal.signal(number, signal.SIG_DFL)
