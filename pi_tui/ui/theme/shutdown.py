"""How an app ends without a key: by a signal, or killed, when another process restores the terminal."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from pi_tui.observe.process import terminal_restore

_LEAVING = ("SIGTERM", "SIGINT")
_PATIENCE_S = 0.5


def handle_signals(leave: Callable[[], object]) -> None:
    """Have the running loop call `leave` at SIGTERM and SIGINT, unless the signal is ignored.

    SIGHUP ends the app at once: its terminal is closed, so there is no screen to restore.
    """
    loop = asyncio.get_running_loop()
    with suppress(NotImplementedError, ValueError, RuntimeError):  # no signals on this system, or in this thread
        for name in _LEAVING:
            number = getattr(signal, name)
            if signal.getsignal(number) is not signal.SIG_IGN:
                loop.add_signal_handler(number, leave)
        if callable(signal.getsignal(signal.SIGHUP)):
            signal.signal(signal.SIGHUP, signal.SIG_DFL)


@contextmanager
def restoring_terminal() -> Iterator[None]:
    """Inside the block, restore the terminal if an exception is raised: the driver may have failed while it was starting."""
    try:
        import termios
    except ImportError:  # Windows
        yield
        return
    try:
        modes = termios.tcgetattr(sys.__stdin__.fileno()) if sys.__stdin__ is not None else None
    except (OSError, ValueError, termios.error):
        modes = None
    try:
        yield
    except BaseException:
        if modes is not None and sys.__stdin__ is not None:
            with suppress(OSError, ValueError, termios.error):
                termios.tcsetattr(sys.__stdin__.fileno(), termios.TCSAFLUSH, modes)
                os.write(sys.__stdin__.fileno(), terminal_restore.RESTORE_SEQUENCE)
        raise


class TerminalRestorer:
    """A process that restores the terminal and prints a sentence if this process is killed."""

    def __init__(self, sentence: str) -> None:
        self._sentence = sentence
        self._held: int | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process; where that fails, the app runs without it."""
        if sys.platform == "win32" or self._held is not None:
            return
        try:
            watched, held = os.pipe()
        except OSError:
            return
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", terminal_restore.__file__, str(watched), self._sentence],
                pass_fds=(watched,),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # a signal to the app's process group does not reach it
            )
            self._held = held
        except OSError:
            os.close(held)
        finally:
            os.close(watched)

    def stop(self) -> None:
        """End the process, as the app restores the terminal itself; kill it if it does not end, as when it was stopped."""
        if self._held is None or self._process is None:
            return
        with suppress(OSError):
            os.write(self._held, terminal_restore.CLEAN_EXIT)
        os.close(self._held)
        self._held = None
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
