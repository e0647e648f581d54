"""Subreaper, death signal and signal wake-up: what a parent needs to lose no descendant. Standard library only.

The observer and the watcher use it. Source: prctl(2), PR_SET_CHILD_SUBREAPER and PR_SET_PDEATHSIG.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def become_subreaper() -> None:
    """Make this process the new parent of every descendant whose parent ends. Does nothing outside Linux."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent(parent: int) -> Callable[[], None]:
    """Return a function for a child to call between fork and exec: it asks Linux to kill the child when its parent ends.

    It is safe after the fork because the parent has one thread. Outside Linux the function does nothing.
    """
    if sys.platform != "linux":
        return lambda: None
    prctl = ctypes.CDLL(None).prctl

    def request_death_signal() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)  # the parent ended before the call

    return request_death_signal


def create_signal_wakeup(on_termination: Callable[[], None]) -> int:
    """Return a descriptor that becomes readable on SIGCHLD, SIGINT, SIGHUP and SIGTERM.

    `on_termination` is called on SIGTERM. The signals have handlers rather than SIG_IGN, which a child would inherit.
    """
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)  # the app decides what Ctrl-C and a closed terminal mean
    signal.signal(signal.SIGTERM, lambda *_: on_termination())
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    return reading
