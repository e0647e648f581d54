"""What an interpreter is. Imported by the host and the app, and run as a file by an interpreter that has no pi_tui yet."""

from __future__ import annotations

import importlib.metadata
import json
import multiprocessing
import platform
import sys
import sysconfig

PACKAGES = ("numpy", "numba")


def describe() -> dict[str, object]:
    """The facts that results carry, without importing any of the packages."""
    return {
        "path": sys.executable,
        "version": platform.python_version(),
        "implementation": platform.python_implementation(),
        "free_threaded_build": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        "gil_enabled": gil_enabled(),
        "packages": dict(filter(None, map(_version, PACKAGES))),
        "start_methods": multiprocessing.get_all_start_methods(),
    }


def gil_enabled() -> bool:
    """Whether threads of this interpreter take turns; asked of the interpreter, since an import can change it."""
    return bool(getattr(sys, "_is_gil_enabled", lambda: True)())


def _version(package: str) -> tuple[str, str] | None:
    try:
        return package, importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


if __name__ == "__main__":
    print(json.dumps(describe()))
