"""`python -m pi_tui.observe.watch CONTROL`: one watcher, told what to do on the descriptor CONTROL."""

from __future__ import annotations

import os
import sys

from pi_tui.observe.watch.order import WatchOrder
from pi_tui.observe.watch.watcher import Watcher


def main() -> int:
    """Read the order, then watch until everything is over."""
    # A low number of its own: `select` takes none from 1024 on, and the app may have many files open.
    control = os.dup(int(sys.argv[1]))
    os.close(int(sys.argv[1]))
    heard = b""
    while b"\n" not in heard:
        data = os.read(control, 65536)
        if not data:
            return 0  # the app went before it said anything
        heard += data
    line, _, early = heard.partition(b"\n")
    Watcher(WatchOrder.decode(line), control, early).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
