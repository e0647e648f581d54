"""The host's side of subinterpreters: whether a kernel loads in one, and the way home for what is read there.

What a subinterpreter tells goes through a file without a name: descriptors are the process's, whatever interpreter
writes to them, and a file never makes its writer wait.
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
    """Why a kernel cannot be had in a subinterpreter; None where it can. Asked of one that is made for it and closed.

    An extension says itself that it does not load there; the reason is its own.
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
    """In the subinterpreter: import what a kernel is made of.

    Returns:
        None, or what could not be had, the kind of exception, and what the innermost one says: a package that wraps an
        extension's refusal in a page of advice raises one from the other.
    """
    name = module
    try:
        if user_code is not None:
            user_code.load()
            return None
        for name in (*needs, module):
            found = __import__(name, fromlist=["*"])
        getattr(found, function)
    except Exception as error:
        first: BaseException = error
        while (before := first.__cause__ or first.__context__) is not None:
            first = before
        why = " ".join(str(first).split()) or type(first).__name__
        return name, type(error).__name__, why[:_LONGEST_REASON]
    return None


class ReadingFile:
    """A file without a name that any interpreter of this process can write to, record after record."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 (closed by `close`)
        self.descriptor = self._file.fileno()
        with suppress(ImportError, OSError):
            import fcntl

            flags = fcntl.fcntl(self.descriptor, fcntl.F_GETFL)
            fcntl.fcntl(self.descriptor, fcntl.F_SETFL, flags | os.O_APPEND)

    def read(self) -> bytes:
        """All that was written."""
        return os.pread(self.descriptor, os.fstat(self.descriptor).st_size, 0)

    def close(self) -> None:
        """Forget everything."""
        self._file.close()


@contextmanager
def collect_thread_errors() -> Iterator[list[BaseException]]:
    """What threads that are no pool's raise meanwhile; it is printed as well."""
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
    """Whatever happens inside, no interpreter is left that was not there before."""
    module = _import_interpreters()
    before = {each.id for each in module.list_all()}
    try:
        yield
    finally:
        for each in module.list_all():
            if each.id not in before:
                with suppress(module.InterpreterError):  # it still runs: whoever runs it closes it
                    each.close()


def _import_interpreters() -> Any:
    from concurrent import interpreters  # type: ignore[attr-defined, unused-ignore] # Python 3.14 and newer

    return interpreters
