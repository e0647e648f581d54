"""The command line: the laboratory without a screen. Each command imports its modules when it runs."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from pi_tui.engine.errors import INTERRUPTED_EXIT_CODE

TYPE_CHECKING = False  # as in `typing`, whose import would delay the first signal handler
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

__all__ = ["main"]

_ENDING_SIGNALS = ("SIGTERM", "SIGHUP")


def main(arguments: "Sequence[str] | None" = None) -> "NoReturn":
    """Run the command line and exit: 0 all well, 1 a case failed, 2 wrong usage, 130 interrupted.

    A signal during the imports ends the program with 130 as well.
    """
    with treat_signals_as_interrupts():
        try:
            from pi_tui.cli.entry_point import main as enter

            code = enter(arguments)
        except KeyboardInterrupt:
            code = INTERRUPTED_EXIT_CODE
        if code == INTERRUPTED_EXIT_CODE:
            # If the interrupt arrived inside exec of a string (which is how dataclasses are made), CPython remembers it
            # as unhandled, and `python -m` would end by the signal in spite of the exit code. The next exec clears that
            # flag (`run_eval_code_obj` in pythonrun.c).
            exec("")
        sys.exit(code)


@contextmanager
def treat_signals_as_interrupts() -> Iterator[None]:
    """Raise KeyboardInterrupt on SIGTERM and SIGHUP inside the block; a signal that is ignored (as by nohup) stays ignored."""
    before: dict[int, object] = {}
    for name in _ENDING_SIGNALS:
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
