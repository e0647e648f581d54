"""The command lines and environments of the two processes that the app starts: pure functions."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pi_tui.observe.proc.process_tree import RUN_ID_VARIABLE

PREFIX_VARIABLE = "PI_TUI_PREFIX"
"""Tells the host how the names of its shared memory are to begin."""

SINGLE_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "BLIS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
"""Libraries that would start threads of their own are held to one: the workers are what is measured."""

NUMBA_THREADS_VARIABLE = "NUMBA_NUM_THREADS"
"""How many threads a kernel made parallel by Numba starts inside a call: as many as there are usable cores.

A person who set it keeps what was set. Threads of OpenMP sleep where there is nothing to do: to spin, as they do by default,
would take cores from the workers of the next trial.
"""

_PYTHON_SPECIFIC_VARIABLES = (
    "VIRTUAL_ENV",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHON_GIL",
    "PYTHONEXECUTABLE",
    "__PYVENV_LAUNCHER__",
)
_HIDDEN_FROM_OBSERVER = ("PYTHONINSPECT", "PYTHONPROFILEIMPORTTIME", RUN_ID_VARIABLE, PREFIX_VARIABLE)
# A measured worker must not spend its start-up on compiling pi_tui's files anew, each time.
_HIDDEN_FROM_HOST = (*_HIDDEN_FROM_OBSERVER, "PYTHONDONTWRITEBYTECODE")


@dataclass(frozen=True)
class HostCommand:
    """Which interpreter is to be the host.

    Attributes:
        python: its path.
        gil: asks for the GIL on or off; None leaves things as they are.
        foreign: it is not the app's own, so nothing that was set for the app's own concerns it.
        lanes_shown: somebody looks at the lanes themselves, so they are to be fine.
        cores: usable cores, and as many threads may a kernel start inside a call; None leaves that to its library.
        lanes_hz: looks at the lanes a second that a person asked for; None: as often as their cost allows.
    """

    python: str
    gil: bool | None = None
    foreign: bool = False
    lanes_shown: bool = False
    cores: int | None = None
    lanes_hz: int | None = None


def build_host_command_line(command: HostCommand, requests: int, events: int) -> tuple[str, ...]:
    """How the host is started. `-P` keeps whatever lies in the current folder from being imported by accident."""
    return (command.python, "-P", "-m", "pi_tui.host", "--requests", str(requests), "--events", str(events))


def build_observer_command_line(python: str, control: int) -> tuple[str, ...]:
    """How the observer is started: in the app's own Python, without looking for site-packages."""
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
    """All of the host's environment, made from the app's."""
    dropped = (*_HIDDEN_FROM_HOST, *(_PYTHON_SPECIFIC_VARIABLES if command.foreign else ()))
    environment = {name: value for name, value in base.items() if name not in dropped}
    user_path = environment.get("PYTHONPATH")
    environment |= dict.fromkeys(SINGLE_THREAD_VARIABLES, "1")
    environment |= {
        RUN_ID_VARIABLE: run_id,
        PREFIX_VARIABLE: run_id,
        "NUMBA_CACHE_DIR": str(numba_cache),
        "TMPDIR": str(temporary),
        "PYTHONPATH": os.pathsep.join([str(import_folder), *([user_path] if user_path else [])]),
        "PYTHONUNBUFFERED": "1",
        # What a kernel prints ends in a log and must never be an error, whatever the person's locale.
        "PYTHONIOENCODING": "utf-8:backslashreplace",
    }
    environment.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if command.cores is not None:
        environment.setdefault(NUMBA_THREADS_VARIABLE, str(command.cores))
    if command.gil is not None:
        environment["PYTHON_GIL"] = "1" if command.gil else "0"
    return environment


def build_observer_environment(base: Mapping[str, str], *, import_folder: Path) -> dict[str, str]:
    """The app's environment, except that only pi_tui can be imported, and without the mark of any host."""
    environment = {name: value for name, value in base.items() if name not in _HIDDEN_FROM_OBSERVER}
    return environment | {"PYTHONPATH": str(import_folder)}
