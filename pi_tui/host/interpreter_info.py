"""Describe an interpreter. The host and the app import this file; an interpreter without pi_tui runs it as a script."""

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
    """Return the facts that results contain, without importing any of the packages."""
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
    """List the folders of installed packages; a change of one of them may mean that packages changed."""
    return sorted({*(path for path in sys.path if path.endswith("-packages")), site.getusersitepackages()})


def _describe_build() -> str:
    """Return the build date and the compiler, and whether it is a (slow) debug build."""
    _, date = platform.python_build()
    debug = ", a debug build" if sysconfig.get_config_var("Py_DEBUG") else ""
    return f"{date}, {platform.python_compiler()}{debug}"


def is_gil_enabled() -> bool:
    """Return whether the GIL is enabled now; an import can enable it."""
    return bool(getattr(sys, "_is_gil_enabled", lambda: True)())


def _find_version(package: str) -> tuple[str, str] | None:
    try:
        return package, importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


if __name__ == "__main__":
    print(json.dumps(describe_interpreter()))
