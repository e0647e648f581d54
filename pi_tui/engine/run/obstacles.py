"""Why a case cannot run: on an interpreter, in the app, or with a Numba threading layer."""

from __future__ import annotations

from pi_tui.analysis.results import Case, Interpreter
from pi_tui.host.kernels.catalog import Kernel
from pi_tui.host.modes.catalog import MODES


def find_interpreter_obstacle(case: Case, kernel: Kernel, interpreter: Interpreter) -> str | None:
    """Return why a case cannot run on an interpreter; None if it can."""
    for library in kernel.needs:
        if library not in interpreter.packages:
            return f"{library} is not installed for Python {interpreter.id}"
    if MODES[case.mode].made_of == "interpreters" and not interpreter.subinterpreters:
        return f"{case.mode} needs Python 3.14: pi-tui pythons lists the interpreters here"
    if case.start_method is not None and case.start_method not in interpreter.start_methods:
        return f"this system has no start method {case.start_method!r}"
    if case.transport == "shared-memory" and "numpy" not in interpreter.packages:
        return f"the transport shared-memory uses a NumPy array, but numpy is not installed for Python {interpreter.id}"
    return None


def find_in_app_obstacle(case: Case, kernel: Kernel, interpreter: Interpreter) -> str | None:
    """Return why a case cannot run in threads of the app, which `interpreter` runs; None if it can."""
    if case.mode != "threads":
        return "inside the app only the mode threads runs"
    if kernel.own is not None:
        return "a function of your own runs only in a separate host, where it can do no harm"
    if kernel.needs:
        return "inside the app only pure Python runs"
    if case.gil not in (None, interpreter.gil_enabled):
        return f"the app's own GIL is {'on' if interpreter.gil_enabled else 'off'} and cannot be changed"
    return None


def find_threading_obstacle(case: Case, layer: str | None, system: str) -> str | None:
    """Return why a kernel that starts threads would end its process in this case; None if it would not.

    Source: https://numba.readthedocs.io/en/stable/user/threading-layer.html

    Args:
        case: the case to run.
        layer: "tbb", "omp", "workqueue", or None for a kernel that starts no threads.
        system: `sys.platform`; on Linux, OpenMP is GNU's.
    """
    if layer == "workqueue" and MODES[case.mode].made_of == "threads" and case.workers > 1:
        return (
            f"{case.kernel} would crash here: two threads would use Numba's threading layer workqueue at once. "
            "Install TBB or OpenMP, and Numba uses another layer"
        )
    if layer == "omp" and case.start_method == "fork" and system == "linux":
        return (
            f"{case.kernel} would crash here: Numba's threading layer is GNU OpenMP (omp), which a forked "
            "process cannot use. Use the start method spawn or forkserver"
        )
    return None
