"""The host's side of subinterpreters: check whether a kernel loads in one, and receive the readings from all of them.

The readings go to a file without a name. All interpreters of a process can write to its descriptors, and a file never
blocks its writer.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

from pi_tui.host.protocol import Failure
from pi_tui.host.user_code import UserCode

_LONGEST_REASON = 500


def find_import_obstacle(
    module: str, function: str, needs: tuple[str, ...], user_code: UserCode | None = None
) -> Failure | None:
    """Return why a kernel does not load in a subinterpreter; None if it does.

    This creates a subinterpreter for the test and closes it. If an extension refuses to load, the reason is the extension's.
    """
    try:
        made = _import_interpreters().create()
    except ImportError as error:
        return Failure("ImportError", f"this Python has no subinterpreters ({error}): 3.14 or newer is needed")
    with closing(made) as interpreter:
        refusal: tuple[str, str, str] | None = interpreter.call(try_import, module, function, needs, user_code)
    if refusal is None:
        return None
    what, kind, why = refusal
    return Failure(kind, f"{what} does not load in a subinterpreter: {why}")


def try_import(
    module: str, function: str, needs: tuple[str, ...], user_code: UserCode | None = None
) -> tuple[str, str, str] | None:
    """Import a kernel and its libraries in the current subinterpreter.

    Returns:
        None, or the name of the module that does not load, the exception's type, and the message of its innermost cause: a
        package may wrap the extension's message in a page of advice.
    """
    name = module
    try:
        if user_code is not None:
            user_code.load()
            return None
        for name in (*needs, module):
            imported = __import__(name, fromlist=["*"])
        getattr(imported, function)
    except Exception as error:
        cause: BaseException = error
        while (inner := cause.__cause__ or cause.__context__) is not None:
            cause = inner
        why = " ".join(str(cause).split()) or type(cause).__name__
        return name, type(error).__name__, why[:_LONGEST_REASON]
    return None


class ReadingFile:
    """A file without a name, to which all interpreters of this process can append records."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 (closed by `close`)
        self.descriptor = self._file.fileno()
        with suppress(ImportError, OSError):
            import fcntl

            flags = fcntl.fcntl(self.descriptor, fcntl.F_GETFL)
            fcntl.fcntl(self.descriptor, fcntl.F_SETFL, flags | os.O_APPEND)

    def read(self) -> bytes:
        """Return everything that was written."""
        return os.pread(self.descriptor, os.fstat(self.descriptor).st_size, 0)

    def close(self) -> None:
        """Close and remove the file."""
        self._file.close()


@contextmanager
def collect_thread_errors() -> Iterator[list[BaseException]]:
    """Collect the exceptions that end threads inside the block, except those of a pool; they are also printed."""
    raised: list[BaseException] = []
    before = threading.excepthook

    def note(arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            raised.append(arguments.exc_value)
        before(arguments)

    threading.excepthook = note
    try:
        yield raised
    finally:
        threading.excepthook = before


@contextmanager
def close_new_interpreters() -> Iterator[None]:
    """Close all interpreters that were created inside the block and still exist."""
    module = _import_interpreters()
    before = {each.id for each in module.list_all()}
    try:
        yield
    finally:
        for each in module.list_all():
            if each.id not in before:
                with suppress(module.InterpreterError):  # it is still running; the thread that runs it closes it
                    each.close()


def _import_interpreters() -> Any:
    from concurrent import interpreters  # type: ignore[attr-defined, unused-ignore] # Python 3.14 and newer

    return interpreters
