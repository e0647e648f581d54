"""An observer that looks after its host but never samples its workers: the difference to a real one is the cost of the lanes.

python -P -S blind_observer.py CONTROL
"""

import os
import sys

from pi_tui.observe.process.launch_spec import LaunchSpec
from pi_tui.observe.process.observer import Observer


def main() -> None:
    """Do the same as `pi_tui.observe.process.__main__` without a sampling loop, so that the host sends no worker events."""
    control = os.dup(int(sys.argv[1]))
    os.close(int(sys.argv[1]))
    first = b""
    while b"\n" not in first:
        data = os.read(control, 65536)
        if not data:
            return
        first += data
    line, _, unread = first.partition(b"\n")
    Observer(LaunchSpec.decode(line), control, unread, start_sampling=None).run()


if __name__ == "__main__":
    main()
