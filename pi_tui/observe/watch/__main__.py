"""`python -m pi_tui.observe.watch CONTROL`: one watcher, told what to do on the descriptor CONTROL."""

from __future__ import annotations

import sys

from pi_tui.observe.process.pipes import first_line
from pi_tui.observe.watch.order import WatchOrder
from pi_tui.observe.watch.watcher import Watcher


def main() -> int:
    """Read the order, then watch until everything is over."""
    heard = first_line(int(sys.argv[1]))
    if heard is not None:
        control, line, early = heard
        Watcher(WatchOrder.decode(line), control, early).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
