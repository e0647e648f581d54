"""Open the laboratory on a terminal; the first frame waits for nothing that it does not need."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pi_tui.analysis.results import Machine
    from pi_tui.ui.state.ports import Laboratory


def open_laboratory(
    laboratory: Laboratory | None = None,
    machine: Machine | None = None,
    *,
    ascii: bool = False,
    light: bool = False,
    replay: tuple[int, float] | None = None,
    lanes_hz: int | None = None,
) -> int:
    """Open the laboratory on the terminal, and return an exit code once it is closed.

    Without arguments it is the real laboratory on this machine. `replay` is the number of a stored run to play, and how many
    times as fast as it ran. `lanes_hz` is the sampling rate of the lanes; None leaves it to the observer.

    The garbage collector is off until the first frame: what is imported here is never freed, and searching it would delay
    that frame by 30 of 300 ms.
    """
    gc.disable()
    try:
        from pi_tui.ui.adapters import make_ports
        from pi_tui.ui.app import LaboratoryApp

        ports = make_ports(laboratory, machine, lanes_hz=lanes_hz)
        app = LaboratoryApp(ports, ascii_only=ascii, light=light, replay=replay)
        try:
            app.run()
        finally:
            ports.laboratory.close()
    finally:
        gc.enable()
    return app.return_code or 0
