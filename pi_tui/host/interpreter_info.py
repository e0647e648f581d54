"""What an interpreter is. Imported by the host and the app, and run as a file by an interpreter that has no pi_tui yet."""

from __future__ import annotations

import importlib.metadata
import json
import multiprocessing
import platform
import site
import sys
import sysconfig
from importlib.util import find_spec

PACKAGES = ("numpy", "numba")


def describe_interpreter() -> dict[str, object]:
    """The facts that results carry, without importing any of the packages."""
    return {
        "path": sys.executable,
        "version": platform.python_version(),
        "implementation": platform.python_implementation(),
        "free_threaded_build": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        "gil_enabled": is_gil_enabled(),
        "packages": dict(filter(None, map(_find_version, PACKAGES))),
        "start_methods": multiprocessing.get_all_start_methods(),
        "folders": _list_package_folders(),
        "build": _describe_build(),
        "subinterpreters": find_spec("_interpreters") is not None and sys.version_info >= (3, 14),
    }


def _list_package_folders() -> list[str]:
    """Where packages are installed: when one of these changes, so may the packages."""
    return sorted({*(path for path in sys.path if path.endswith("-packages")), site.getusersitepackages()})


def _describe_build() -> str:
    """When and with what it was compiled, and whether with checks that make it slow."""
    _, date = platform.python_build()
    debug = ", a debug build" if sysconfig.get_config_var("Py_DEBUG") else ""
    return f"{date}, {platform.python_compiler()}{debug}"


def is_gil_enabled() -> bool:
    """Whether threads of this interpreter take turns; asked of the interpreter, since an import can change it."""
    return bool(getattr(sys, "_is_gil_enabled", lambda: True)())


def _find_version(package: str) -> tuple[str, str] | None:
    try:
        return package, importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


if __name__ == "__main__":
    print(json.dumps(describe_interpreter()))
