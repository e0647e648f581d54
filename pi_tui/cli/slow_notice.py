"""A word to a person who waits and is not told for what."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pi_tui.cli.terminal_text import complain

LONG_S = 3.0


@contextmanager
def asking_pythons(long_s: float = LONG_S) -> Iterator[None]:
    """Pythons are asked who they are: 50 ms each as a rule; where it takes longer, say what is waited for, and how long."""
    from pi_tui.engine.interpreters.interpreter_probe import PROBE_TIMEOUT_S

    sentence = f"waiting for a Python to say who it is, {PROBE_TIMEOUT_S:g} s at most"
    told = threading.Timer(long_s, complain, (sentence,))
    told.daemon = True
    told.start()
    try:
        yield
    finally:
        told.cancel()
