"""How sure the lanes are on this system: found out by looking at two threads that contend for the GIL, as a run would."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from pi_tui.analysis.results import Machine
from pi_tui.cli.facts import Fact
from pi_tui.engine.errors import PiTuiError
from pi_tui.engine.laboratory import Laboratory
from pi_tui.engine.paths import Paths
from pi_tui.engine.run.events import CaseFinished, LanesMoved
from pi_tui.engine.run.request import RunRequest
from pi_tui.host.protocol import LanesSeen

ENOUGH = 0.95
"""The share of ticks that are to come in time."""

_SAMPLES = 200_000
_YAMA = Path("/proc/sys/kernel/yama/ptrace_scope")

_SCOPES = {
    "0": ("every process of the same person may be looked at", ""),
    "1": ("descendants alone may be looked at, as workers are", ""),
    "2": ("administrators alone may look", "others see no more than whether a worker runs"),
    "3": ("nobody may look", "no more is seen than whether a worker runs"),
}

_CERTAINTIES = {
    "system call": ("the system call that a worker is blocked in: GIL, other lock, sleep and I/O are told apart", ""),
    "state": ("the scheduler's state alone", "what a worker waits for stays unknown"),
    "none": ("nothing", "what a worker waits for stays unknown, and there are no lanes"),
}


def lanes_facts(machine: Machine) -> Iterator[Fact]:
    """What a run on this machine would see of its workers. Takes about a second."""
    yield ptrace_scope(_YAMA)
    try:
        seen, gil_enabled = _look(machine)
    except PiTuiError as error:
        yield Fact("seen", f"not checked: {error}", "nothing can be measured")
    else:
        yield from findings(seen, gil_enabled)


def findings(seen: Sequence[LanesSeen], gil_enabled: bool) -> Iterator[Fact]:
    """What the last words on two threads of pure Python tell."""
    certainty = next((last.certainty for last in seen if last.certainty != "none"), "none")
    yield Fact("seen", *_CERTAINTIES[certainty])
    made, missed = sum(last.made for last in seen), sum(last.missed for last in seen)
    if made:
        share = made / (made + missed)
        rate = f"{share * 1e9 / seen[-1].period_ns:.0f} ticks a second, {share:.0%} of those due"
        yield Fact("rate", rate, "" if share >= ENOUGH else "the machine is busy: lanes have gaps")
    if not gil_enabled:
        yield Fact("GIL", "off: nobody waits for it")
    elif certainty == "system call":
        waited = sum(worker.gil for last in seen for worker in last.ticks)
        if waited:
            yield Fact("GIL", "its place in memory is known, and threads were seen waiting there")
        else:
            yield Fact("GIL", "its place in memory was not found", "waits for it count as those for any lock")


def ptrace_scope(path: Path) -> Fact:
    """Whom Linux lets look at a process's system calls, where its module Yama decides."""
    about = "ptrace_scope"
    try:
        scope = path.read_text().strip()
    except OSError:
        return Fact(about, "none: no module Yama")
    meaning, remark = _SCOPES.get(scope, ("unknown", ""))
    if hasattr(os, "geteuid") and os.geteuid() == 0 and scope == "2":
        remark = ""
    return Fact(about, f"{scope}: {meaning}", remark)


def _look(machine: Machine) -> tuple[list[LanesSeen], bool]:
    """The last words on the lanes of one trial of two threads, and whether they had a GIL to wait for.

    Raises:
        PiTuiError: no host comes up, or its trial fails.
    """
    laboratory = Laboratory(machine, Paths.from_environment(os.environ), lanes_shown=True)
    seen: list[LanesSeen] = []
    gil_enabled = True
    try:
        request = RunRequest(("python",), ("threads",), (2,), (_SAMPLES,), warmup=0, repeat=1, force=True)
        for event in laboratory.run(laboratory.plan(request)):
            if isinstance(event, LanesMoved) and event.case.workers == 2 and event.lanes.ended:
                seen.append(event.lanes)
            elif isinstance(event, CaseFinished):
                if event.result.error is not None:
                    raise PiTuiError(event.result.error.message)
                gil_enabled = event.result.gil_enabled is not False
    finally:
        laboratory.close()
    return seen, gil_enabled
