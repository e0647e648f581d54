"""One task after the other: what everything else is compared with."""

from __future__ import annotations

from pi_tui.host.modes.job import Job, Results


def run(job: Job) -> Results:
    """Call the kernel once a task, here and now."""
    return [job.call(*task, worker=0) for task in job.tasks]
