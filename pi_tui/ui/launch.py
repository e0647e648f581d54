"""Opening the laboratory on a terminal, fast: nothing that the first frame can do without comes before it."""

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
    """Open the laboratory on the terminal and stay until it is left; an exit code.

    What is not given is made: the real laboratory on this machine. `replay` is a stored run that is played at once, and how
    many times as fast as it was. `lanes_hz` is how often the lanes are looked at, where a person said so.

    What is imported on the way is kept for good: looking through it for garbage would only make the first frame late (by 30
    of 300 ms), so the collector starts when that frame stands.
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
