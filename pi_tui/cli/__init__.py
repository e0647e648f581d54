"""The command line: the same laboratory without a screen. Each command imports what it needs when it runs."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from pi_tui.engine.errors import INTERRUPTED_EXIT_CODE

TYPE_CHECKING = False  # as in `typing`, which would be one import more before a signal is minded
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

__all__ = ["main"]

_ENDING_SIGNALS = ("SIGTERM", "SIGHUP")


def main(arguments: "Sequence[str] | None" = None) -> "NoReturn":
    """Run the command line and exit: 0 all well, 1 a case failed, 2 wrong usage, 130 interrupted, from the first moment on."""
    with treat_signals_as_interrupts():
        try:
            from pi_tui.cli.entry_point import main as enter

            code = enter(arguments)
        except KeyboardInterrupt:
            code = INTERRUPTED_EXIT_CODE
        if code == INTERRUPTED_EXIT_CODE:
            # CPython takes an interrupt that came within an exec of text (a dataclass is made so) for one that nobody
            # minded, and `python -m` then ends by the signal after all. The next exec clears that (`run_eval_code_obj` in
            # its pythonrun.c).
            exec("")
        sys.exit(code)


@contextmanager
def treat_signals_as_interrupts() -> Iterator[None]:
    """Meanwhile, they are what Ctrl-C is: a KeyboardInterrupt. Those that are ignored (nohup does that) stay so."""
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
