"""Being a parent that loses no one and outlives no one's trust: what observer and watcher share. Standard library only."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def become_subreaper() -> None:
    """Be the parent of whoever below loses theirs, so that no one leaves the family. Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent(parent: int) -> Callable[[], None]:
    """What a child does before it becomes another program: ask to be killed when its parent dies. Linux only.

    Safe to run after the fork, as the parent has one thread.
    """
    if sys.platform != "linux":
        return lambda: None
    prctl = ctypes.CDLL(None).prctl

    def request_death_signal() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)  # it died before it was asked

    return request_death_signal


def create_signal_wakeup(on_termination: Callable[[], None]) -> int:
    """A descriptor that becomes readable with every signal that matters here.

    Handlers rather than SIG_IGN, which a child would inherit.
    """
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)  # Ctrl-C and a closed terminal are the app's to decide on
    signal.signal(signal.SIGTERM, lambda *_: on_termination())
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    return reading
