"""`python -m pi_tui.observe.process CONTROL`: one observer, told what to do on the descriptor CONTROL."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from pi_tui.observe.process.launch_spec import Order
from pi_tui.observe.process.observer import Lookout, Observer
from pi_tui.observe.process.pipes import first_line

if TYPE_CHECKING:
    from pi_tui.host.protocol import Message


def main() -> int:
    """Read the order, then observe until everything is over."""
    heard = first_line(int(sys.argv[1]))
    if heard is not None:
        control, line, early = heard
        order = Order.decode(line)
        Observer(order, control, early, post=partial(_post, order)).run()
    return 0


def _post(order: Order, roll_call: int, report: Callable[[Message], None]) -> Lookout:
    """Who looks at the lanes; imported only now that the host is on its way, since that takes a while too."""
    from pi_tui.observe.process import sampling_loop, sampling_rate
    from pi_tui.observe.process.sampler import Sampler

    chosen = sampling_rate.Pace(order.cores, shown=order.lanes_shown, hz=order.lanes_hz)
    return sampling_loop.Lookout(roll_call, report, Sampler(pace=chosen))


if __name__ == "__main__":
    sys.exit(main())
