"""A user's function as each worker loads it: from a file or a module, with its arguments.

A spawned worker imports this file only if its kernel is such a function; the file itself imports almost nothing.
"""

import os
import sys
from importlib.machinery import SourceFileLoader

TYPE_CHECKING = False  # as in `typing`, which would cost every worker an import
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

_HARNESS = os.path.dirname(os.path.abspath(__file__))


class FileChangedError(Exception):
    """The file has been changed since the start of the run."""


class UserCode:
    """The source of a user's function and its arguments; each worker receives a copy.

    Args:
        module: the name of its module.
        function: its name in the module; dots lead to attributes of an object.
        path: its file; "" for a module that is imported by name.
        folder: a folder in which its imports are searched, besides the interpreter's own folders.
        stamp: the file's modification time at the start of the run, in nanoseconds since the epoch.
        takes_seed: it has a parameter `seed`.
        arguments: its other arguments, by name.
    """

    __slots__ = ("arguments", "folder", "function", "module", "path", "stamp", "takes_seed")

    def __init__(
        self,
        module: str,
        function: str,
        path: str,
        folder: str,
        stamp: int,
        *,
        takes_seed: bool = False,
        arguments: "dict[str, Any] | None" = None,
    ) -> None:
        self.module = module
        self.function = function
        self.path = path
        self.folder = folder
        self.stamp = stamp
        self.takes_seed = takes_seed
        self.arguments = arguments or {}

    def load(self) -> "Any":
        """Return the function; import its module if necessary.

        Raises:
            FileChangedError: the file has been changed since the start of the run.
            AttributeError: the module has no such attribute.
            BaseException: the import may raise any exception.
        """
        target: Any = self._import_module()
        for name in self.function.split("."):
            target = getattr(target, name)
        return target

    def make_kernel(self) -> "Callable[[int, int], Any]":
        """Wrap the function so that it is called like all kernels, with samples and seed."""
        function, arguments, takes_seed, here = self.load(), self.arguments, self.takes_seed, os.getpid()

        def kernel(samples: int, seed: int) -> "Any":
            try:
                return function(samples, seed=seed, **arguments) if takes_seed else function(samples, **arguments)
            finally:
                if os.getpid() != here:  # the function forked, and its child must not go on as a second worker
                    os._exit(0)

        return kernel

    def _import_module(self) -> "ModuleType":
        module = sys.modules.get(self.module)
        if module is None:
            add_import_folder(self.folder)
            module = self._load_file() if self.path else __import__(self.module, fromlist=("",))
        return module

    def _load_file(self) -> "ModuleType":
        from importlib.util import module_from_spec, spec_from_file_location

        if os.stat(self.path).st_mtime_ns != self.stamp:
            raise FileChangedError(f"{os.path.basename(self.path)} was changed during the run")
        spec = spec_from_file_location(self.module, self.path, loader=_UncachedLoader(self.module, self.path))
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        sys.modules[self.module] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            sys.modules.pop(self.module, None)
            raise
        return module

    def describe_error(self, error: BaseException) -> tuple[str, str, str]:
        """Return an exception's type, one line with its place in the user's file, and the traceback from the user's code on."""
        return (
            type(error).__name__,
            summarise_error(error, self.path or self._find_file()),
            format_user_traceback(error),
        )

    def _find_file(self) -> str:
        return getattr(sys.modules.get(self.module), "__file__", None) or ""


class _UncachedLoader(SourceFileLoader):
    """Compiles the file on each import: cached byte code is compared by whole seconds, and users may edit faster than that."""

    def get_code(self, fullname: str) -> "Any":  # noqa: ARG002
        return self.source_to_code(self.get_data(self.path), self.path)  # type: ignore[call-arg, unused-ignore]


def add_import_folder(folder: str) -> None:
    """Add `folder` to the import path: after the standard library, which pi-tui needs, and before installed packages."""
    if not folder or folder in sys.path:
        return
    packages = (
        index for index, entry in enumerate(sys.path) if os.path.basename(entry) in ("site-packages", "dist-packages")
    )
    sys.path.insert(next(packages, len(sys.path)), folder)


def summarise_error(error: BaseException, path: str) -> str:
    """Describe an exception in one line that begins with its place in `path`: "work.py:12, in func: ValueError: no"."""
    import traceback

    last = _format_last_line(error)
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        text = (error.text or "").strip()
        return f"{os.path.basename(error.filename)}:{error.lineno}: {last}" + (f": {text}" if text else "")
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not _is_harness_file(frame.filename)]
    in_file = [frame for frame in frames if frame.filename == path] if path else frames
    if not in_file:
        return last
    where = f"{os.path.basename(in_file[-1].filename)}:{in_file[-1].lineno}"
    return f"{where}: {last}" if in_file[-1].name == "<module>" else f"{where}, in {in_file[-1].name}: {last}"


def format_user_traceback(error: BaseException) -> str:
    """Format the traceback from the user's code on."""
    import traceback

    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None and _is_harness_file(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    return "".join(traceback.format_exception(type(error), error, trace))


def _format_last_line(error: BaseException) -> str:
    """Return type and message of an exception, like the last line of a traceback."""
    from pi_tui.host.result_values import LONGEST_LINE  # only needed after an exception, like that file itself

    try:
        text = error.msg if isinstance(error, SyntaxError) else str(error)
    except Exception:  # __str__ of a user's exception may raise anything
        text = ""
    text = " ".join(text.split())
    return f"{type(error).__name__}: {text}"[:LONGEST_LINE] if text else type(error).__name__


def _is_harness_file(filename: str) -> bool:
    """Return whether a file belongs to pi-tui's host or to the import system."""
    return filename.startswith((_HARNESS, "<frozen importlib"))
