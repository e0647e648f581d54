"""A function of a person's own, as every worker comes by it: from a file or a module, with the arguments it was given.

A spawned worker imports this file only if its kernel is such a function; it imports next to nothing itself.
"""

import os
import sys
from importlib.machinery import SourceFileLoader

TYPE_CHECKING = False  # as in `typing`, whose import a worker can do without
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

_HARNESS = os.path.dirname(os.path.abspath(__file__))


class FileChangedError(Exception):
    """The file is no longer what the run began with."""


class UserCode:
    """Where the function comes from and how it is called; travels to every worker.

    Args:
        module: the name that its module has, or is given.
        function: its name there; dots lead into an object.
        path: its file; "" for a module that is found by its name.
        folder: what its imports are looked for in, besides this interpreter's own places.
        stamp: when the file was last changed, in nanoseconds since the epoch, as the run began.
        takes_seed: it has a parameter `seed`.
        arguments: what else it is called with, by name.
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
        """The function itself; its module is imported if it was not yet.

        Raises:
            FileChangedError: the file was changed since the run began.
            AttributeError: the module has no such thing.
            BaseException: whatever its import raises.
        """
        thing: Any = self._import_module()
        for name in self.function.split("."):
            thing = getattr(thing, name)
        return thing

    def make_kernel(self) -> "Callable[[int, int], Any]":
        """The function as kernels are called, with samples and seed."""
        function, arguments, takes_seed, here = self.load(), self.arguments, self.takes_seed, os.getpid()

        def kernel(samples: int, seed: int) -> "Any":
            try:
                return function(samples, seed=seed, **arguments) if takes_seed else function(samples, **arguments)
            finally:
                if os.getpid() != here:  # it forked, and comes back twice: two must not go on as this worker
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
            raise FileChangedError(f"{os.path.basename(self.path)} was changed while the run was under way")
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
        """What it raised: type, one line with the place in the person's own file, and the traceback from there on."""
        return (
            type(error).__name__,
            summarise_error(error, self.path or self._find_file()),
            format_user_traceback(error),
        )

    def _find_file(self) -> str:
        return getattr(sys.modules.get(self.module), "__file__", None) or ""


class _UncachedLoader(SourceFileLoader):
    """Compiles the file each time: byte code that is kept goes by whole seconds, and a person edits faster."""

    def get_code(self, fullname: str) -> "Any":  # noqa: ARG002
        return self.source_to_code(self.get_data(self.path), self.path)  # type: ignore[call-arg, unused-ignore]


def add_import_folder(folder: str) -> None:
    """Have imports look in `folder` too: after the standard library, which the harness needs, and before packages."""
    if not folder or folder in sys.path:
        return
    packages = (
        place for place, entry in enumerate(sys.path) if os.path.basename(entry) in ("site-packages", "dist-packages")
    )
    sys.path.insert(next(packages, len(sys.path)), folder)


def summarise_error(error: BaseException, path: str) -> str:
    """An exception in one line, behind the place in `path` where it happened: "work.py:12, in func: ValueError: no"."""
    import traceback

    last = _format_last_line(error)
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        text = (error.text or "").strip()
        return f"{os.path.basename(error.filename)}:{error.lineno}: {last}" + (f": {text}" if text else "")
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not _is_harness_file(frame.filename)]
    own = [frame for frame in frames if frame.filename == path] if path else frames
    if not own:
        return last
    where = f"{os.path.basename(own[-1].filename)}:{own[-1].lineno}"
    return f"{where}: {last}" if own[-1].name == "<module>" else f"{where}, in {own[-1].name}: {last}"


def format_user_traceback(error: BaseException) -> str:
    """The traceback from the person's own code on."""
    import traceback

    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None and _is_harness_file(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    return "".join(traceback.format_exception(type(error), error, trace))


def _format_last_line(error: BaseException) -> str:
    """Type and message of an exception, as the last line of a traceback has them."""
    from pi_tui.host.result_values import LONGEST_LINE  # needed where something was raised, as the file itself

    try:
        text = error.msg if isinstance(error, SyntaxError) else str(error)
    except Exception:  # its own words may fail it
        text = ""
    text = " ".join(text.split())
    return f"{type(error).__name__}: {text}"[:LONGEST_LINE] if text else type(error).__name__


def _is_harness_file(filename: str) -> bool:
    """Whether a frame is the harness's, or the import system's."""
    return filename.startswith((_HARNESS, "<frozen importlib"))
