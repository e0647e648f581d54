"""`python -m pi_tui.observe.watch CONTROL`: run one watcher, which reads its watch spec from the descriptor CONTROL."""

from __future__ import annotations

import sys

from pi_tui.observe.process.pipes import read_first_line
from pi_tui.observe.watch.watch_spec import WatchSpec
from pi_tui.observe.watch.watcher import Watcher


def main() -> int:
    """Read the watch spec, then watch the program until it ends or the watch is stopped."""
    first = read_first_line(int(sys.argv[1]))
    if first is not None:
        control, line, unread = first
        Watcher(WatchSpec.decode(line), control, unread).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
