"""One task after the other: what everything else is compared with."""

from __future__ import annotations

from pi_tui.host.modes.job import Results, Work


def run(work: Work) -> Results:
    """Call the kernel once a task, here and now."""
    return [work.call(*task, worker=0) for task in work.tasks]
