"""Run one task after another: the reference that all other modes are compared with."""

from __future__ import annotations

from pi_tui.host.modes.job import Job, Results


def run(job: Job) -> Results:
    """Call the kernel once per task, in the calling thread."""
    return [job.call(*task, worker=0) for task in job.tasks]
