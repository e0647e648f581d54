"""Where a kernel that starts threads of its own would end its process, by the threading layer that starts them.

Source: https://numba.readthedocs.io/en/stable/user/threading-layer.html
"""

from __future__ import annotations

from pi_tui.analysis.results import Case
from pi_tui.host.modes.catalog import MODES


def obstacle(case: Case, layer: str | None, system: str) -> str | None:
    """Why such a kernel cannot run in a case; None where it can, and for a kernel without threads inside.

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
