"""The command lines and environments of the host and its observer: pure functions."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pi_tui.observe.proc.process_tree import RUN_ID_VARIABLE

PREFIX_VARIABLE = "PI_TUI_PREFIX"
"""The environment variable that tells the host how the names of its shared memory begin."""

FOLDER_VARIABLE = "PI_TUI_FOLDER"
"""The environment variable that tells the host where `multiprocessing` keeps its sockets. `TMPDIR` stays the user's: a kernel
finds there the files of the programs that it talks to."""

SINGLE_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "BLIS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
"""Libraries that would start threads of their own are limited to one: the workers are what is measured."""

NUMBA_THREADS_VARIABLE = "NUMBA_NUM_THREADS"
"""How many threads a kernel parallelised by Numba starts inside one call: as many as there are usable cores.

A value that the user has set is kept. Idle OpenMP threads sleep (`OMP_WAIT_POLICY`): by default they spin, which would take
cores from the workers of the next trial.
"""

_PYTHON_SPECIFIC_VARIABLES = (
    "VIRTUAL_ENV",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHON_GIL",
    "PYTHONEXECUTABLE",
    "__PYVENV_LAUNCHER__",
)
_HIDDEN_FROM_OBSERVER = ("PYTHONINSPECT", "PYTHONPROFILEIMPORTTIME", RUN_ID_VARIABLE, PREFIX_VARIABLE, FOLDER_VARIABLE)
# Without .pyc files, every measured worker would compile pi_tui's modules again while it starts.
_HIDDEN_FROM_HOST = (*_HIDDEN_FROM_OBSERVER, "PYTHONDONTWRITEBYTECODE")


@dataclass(frozen=True)
class HostCommand:
    """Which interpreter runs the host, and how.

    Attributes:
        python: its path.
        gil: True and False turn the GIL on or off; None leaves it as it is.
        foreign: it is not the app's interpreter, so variables set for the app's interpreter are dropped.
        lanes_shown: the lanes themselves are shown, so they are sampled finely.
        cores: usable cores, which limit the threads inside a kernel; None leaves that to the kernel's library.
        lanes_hz: samples of the lanes per second, as the user asked; None: as many as their cost allows.
    """

    python: str
    gil: bool | None = None
    foreign: bool = False
    lanes_shown: bool = False
    cores: int | None = None
    lanes_hz: int | None = None


def build_host_command_line(command: HostCommand, requests: int, events: int) -> tuple[str, ...]:
    """Build the host's command line. With `-P`, nothing in the current folder is imported by accident."""
    return (command.python, "-P", "-m", "pi_tui.host", "--requests", str(requests), "--events", str(events))


def build_observer_command_line(python: str, control: int) -> tuple[str, ...]:
    """Build the observer's command line: the app's interpreter, without site-packages."""
    return (python, "-P", "-S", "-m", "pi_tui.observe.process", str(control))


def build_host_environment(
    base: Mapping[str, str],
    command: HostCommand,
    *,
    run_id: str,
    import_folder: Path,
    numba_cache: Path,
    temporary: Path,
) -> dict[str, str]:
    """Build the host's whole environment from the app's."""
    dropped = (*_HIDDEN_FROM_HOST, *(_PYTHON_SPECIFIC_VARIABLES if command.foreign else ()))
    environment = {name: value for name, value in base.items() if name not in dropped}
    user_path = environment.get("PYTHONPATH")
    environment |= dict.fromkeys(SINGLE_THREAD_VARIABLES, "1")
    environment |= {
        RUN_ID_VARIABLE: run_id,
        PREFIX_VARIABLE: run_id,
        "NUMBA_CACHE_DIR": str(numba_cache),
        FOLDER_VARIABLE: str(temporary),
        "PYTHONPATH": os.pathsep.join([str(import_folder), *([user_path] if user_path else [])]),
        "PYTHONUNBUFFERED": "1",
        # A kernel's output goes to a log and must never raise an encoding error, whatever the user's locale.
        "PYTHONIOENCODING": "utf-8:backslashreplace",
    }
    environment.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if command.cores is not None:
        environment.setdefault(NUMBA_THREADS_VARIABLE, str(command.cores))
    if command.gil is not None:
        environment["PYTHON_GIL"] = "1" if command.gil else "0"
    return environment


def build_observer_environment(base: Mapping[str, str], *, import_folder: Path) -> dict[str, str]:
    """Build the observer's environment: the app's, but only pi_tui can be imported, and no host's mark is in it."""
    environment = {name: value for name, value in base.items() if name not in _HIDDEN_FROM_OBSERVER}
    return environment | {"PYTHONPATH": str(import_folder)}
