"""`python -m pi_tui.observe CONTROL`: one observer, told what to do on the descriptor CONTROL."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from pi_tui.observe.observer import Lookout, Observer
from pi_tui.observe.order import Order

if TYPE_CHECKING:
    from pi_tui.host.protocol import Message


def main() -> int:
    """Read the order, then observe until everything is over."""
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
    Observer(Order.decode(line), control, early, post=_post).run()
    return 0


def _post(roll_call: int, report: Callable[[Message], None]) -> Lookout:
    """Who looks at the lanes; imported only now that the host is on its way, since that takes a while too."""
    from pi_tui.observe import lookout

    return lookout.Lookout(roll_call, report)


if __name__ == "__main__":
    sys.exit(main())
