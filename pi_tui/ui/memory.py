"""Memory that is free goes back to the system: else a run's would stay with the app until it ends."""

from __future__ import annotations

import gc
import sys


def give_back() -> bool:
    """Give back what nobody can reach any more and what lies free in the heap; whether anything was. Takes some 10 ms.

    A run's events come from threads of their own, and glibc keeps what each of them freed, in pieces between what is still in
    use: some 5 of 57 MB after a dozen runs. Other C libraries are left to their own ways.
    """
    gc.collect()  # what was there at the start is frozen: it looks through what came since
    if sys.platform != "linux":
        return False
    import ctypes

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
    return trim is not None and trim(0) == 1
