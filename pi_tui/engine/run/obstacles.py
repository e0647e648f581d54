"""Why a case cannot run: on an interpreter, in the app, or with a Numba threading layer."""

from __future__ import annotations

from pi_tui.analysis.results import Case, Interpreter
from pi_tui.host.kernels.catalog import Kernel
from pi_tui.host.modes.catalog import MODES


def find_interpreter_obstacle(case: Case, kernel: Kernel, interpreter: Interpreter) -> str | None:
    """Why a case cannot run on an interpreter; None where it can."""
    for library in kernel.needs:
        if library not in interpreter.packages:
            return f"{library} is not installed for Python {interpreter.id}"
    if MODES[case.mode].made_of == "interpreters" and not interpreter.subinterpreters:
        return f"{case.mode} needs Python 3.14: pi-tui pythons lists those here"
    if case.start_method is not None and case.start_method not in interpreter.start_methods:
        return f"this system has no start method {case.start_method!r}"
    if case.transport == "shared-memory" and "numpy" not in interpreter.packages:
        return f"the transport shared-memory is a NumPy array, and numpy is not installed for Python {interpreter.id}"
    return None


def find_in_app_obstacle(case: Case, kernel: Kernel, interpreter: Interpreter) -> str | None:
    """Why a case cannot run in threads of the app, which that interpreter runs; None where it can."""
    if case.mode != "threads":
        return "the in-app host has threads only"
    if kernel.own is not None:
        return "a function of your own runs in a host of its own only, where it can do no harm"
    if kernel.needs:
        return "the in-app host runs pure Python only"
    if case.gil not in (None, interpreter.gil_enabled):
        return f"the GIL of the app itself is {'on' if interpreter.gil_enabled else 'off'}, and stays so"
    return None


def find_threading_obstacle(case: Case, layer: str | None, system: str) -> str | None:
    """Why such a kernel cannot run in a case; None where it can, and for a kernel without threads inside.

    Source: https://numba.readthedocs.io/en/stable/user/threading-layer.html

    Args:
        case: what is to be run.
        layer: "tbb", "omp", "workqueue", or None for a kernel that starts no threads.
        system: as `sys.platform` has it: on Linux, OpenMP is GNU's.
    """
    if layer == "workqueue" and MODES[case.mode].made_of == "threads" and case.workers > 1:
        return (
            f"{case.kernel} would end its process here: two threads would enter Numba's threading layer workqueue at once. "
            "Numba takes another layer where TBB or OpenMP is installed"
        )
    if layer == "omp" and case.start_method == "fork" and system == "linux":
        return (
            f"{case.kernel} would end its process here: Numba's threading layer is GNU OpenMP (omp), which a forked "
            "process cannot use. Start methods spawn and forkserver can"
        )
    return None
