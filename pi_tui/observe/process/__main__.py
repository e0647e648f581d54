"""`python -m pi_tui.observe.process CONTROL`: run one observer, which reads its launch spec from the descriptor CONTROL."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from pi_tui.observe.process.launch_spec import LaunchSpec
from pi_tui.observe.process.observer import Observer
from pi_tui.observe.process.pipes import read_first_line

if TYPE_CHECKING:
    from pi_tui.host.protocol import Message
    from pi_tui.observe.process.sampling_loop import SamplingLoop


def main() -> int:
    """Read the launch spec, then observe until the host and all its descendants have ended."""
    first = read_first_line(int(sys.argv[1]))
    if first is not None:
        control, line, unread = first
        spec = LaunchSpec.decode(line)
        Observer(spec, control, unread, start_sampling=partial(_start_sampling, spec)).run()
    return 0


def _start_sampling(spec: LaunchSpec, worker_events: int, report: Callable[[Message], None]) -> SamplingLoop:
    """Return the sampling loop. It is imported only now, while the host is already starting, because importing takes time."""
    from pi_tui.observe.process import sampling_loop, sampling_rate
    from pi_tui.observe.process.sampler import Sampler

    rate = sampling_rate.SamplingRate(spec.cores, lanes_shown=spec.lanes_shown, hz=spec.lanes_hz)
    return sampling_loop.SamplingLoop(worker_events, report, Sampler(rate=rate))


if __name__ == "__main__":
    sys.exit(main())
