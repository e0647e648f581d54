"""Reads the machine's description: its cores, how many of them this process may use, and its memory."""

from __future__ import annotations

import math
import platform
from pathlib import Path

import psutil

from pi_tui.analysis.machine import Machine
from pi_tui.observe.proc import cgroup


def read_machine(root: Path = Path("/")) -> Machine:
    """Read this machine's description. `root` is the folder that contains `/proc` and `/sys`."""
    logical = psutil.cpu_count() or 1
    affinity = _affinity() or logical
    quota = cgroup.cpu_quota(root)
    memory = psutil.virtual_memory()
    total, available = memory.total, memory.available
    limit = cgroup.memory_limit(root)
    if limit is not None:
        total, available = min(total, limit.limit_bytes), min(available, limit.available_bytes)
    return Machine(
        system=f"{platform.system()} {platform.release()}".strip(),
        processor=_processor(root),
        logical_cores=logical,
        physical_cores=psutil.cpu_count(logical=False),
        affinity_cores=affinity,
        quota_cores=quota,
        usable_cores=count_usable_cores(affinity, quota),
        memory_bytes=total,
        available_bytes=available,
    )


def count_usable_cores(affinity: int, quota: float | None) -> int:
    """Return the smaller of affinity and quota. A fraction of a core counts as a core, because a worker can use it."""
    if quota is None:
        return affinity
    return max(1, min(affinity, math.ceil(quota)))


def _affinity() -> int | None:
    try:
        return len(psutil.Process().cpu_affinity() or ()) or None
    except (AttributeError, psutil.Error):  # macOS has no affinity
        return None


def _processor(root: Path) -> str:
    try:
        lines = (root / "proc/cpuinfo").read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    for line in lines:
        key, _, value = line.partition(":")
        if key.strip() in {"model name", "Processor", "cpu model"}:
            return value.strip()
    return platform.processor() or platform.machine()
