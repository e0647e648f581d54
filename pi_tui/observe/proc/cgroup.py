"""The CPU and memory limits of this process's control group, with which Linux restricts containers and services.

Both versions are read: `cpu.max` and `memory.max` of version 2, `cpu.cfs_quota_us` and `memory.limit_in_bytes` of version 1
(https://docs.kernel.org/admin-guide/cgroup-v2.html). A limit on a parent group holds for its children, so the
tightest one from the process's own group up to the top counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_NO_LIMIT_BYTES = 1 << 60
"""Version 1 writes "no limit" as a number near the largest that fits."""


@dataclass(frozen=True, slots=True)
class MemoryLimit:
    """The tightest memory limit, and how much memory is available below it, in bytes."""

    limit_bytes: int
    available_bytes: int


def cpu_quota(root: Path = Path("/")) -> float | None:
    """Return how many cores' CPU time the process may use, such as 1.5; None without a limit."""
    quotas = [quota for group in _groups(root, "cpu") if (quota := _group_quota(group)) is not None]
    return min(quotas, default=None)


def memory_limit(root: Path = Path("/")) -> MemoryLimit | None:
    """Return the memory that the process may use and how much of it is available; None without a limit."""
    limits = [limit for group in _groups(root, "memory") if (limit := _group_memory(group)) is not None]
    if not limits:
        return None
    return MemoryLimit(min(each.limit_bytes for each in limits), min(each.available_bytes for each in limits))


def _group_quota(group: Path) -> float | None:
    both = _words(group / "cpu.max")
    if not both:
        both = _words(group / "cpu.cfs_quota_us") + _words(group / "cpu.cfs_period_us")
    try:
        quota, period = (int(word) for word in both)
    except ValueError:  # "max", or no such file
        return None
    return quota / period if quota > 0 and period > 0 else None


def _group_memory(group: Path) -> MemoryLimit | None:
    limit = _number(group / "memory.max")
    used = _number(group / "memory.current")
    cache = "inactive_file"
    if limit is None:
        limit = _number(group / "memory.limit_in_bytes")
        used = _number(group / "memory.usage_in_bytes")
        cache = "total_inactive_file"
    if limit is None or limit >= _NO_LIMIT_BYTES:
        return None
    words = _words(group / "memory.stat")
    reclaimable = int(words[words.index(cache) + 1]) if cache in words else 0
    return MemoryLimit(limit, max(0, limit - max(0, (used or 0) - reclaimable)))


def _groups(root: Path, controller: str) -> Iterator[Path]:
    """Yield the folders of the process's group and of its visible parent groups."""
    for line in _lines(root / "proc/self/cgroup"):
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0" and not controllers:
            mounts = _mounts(root, "cgroup2", None)
        elif controller in controllers.split(","):
            mounts = _mounts(root, "cgroup", controller)
        else:
            continue
        for top, point in mounts:
            yield from _upwards(root, PurePosixPath(path), top, point)


def _upwards(root: Path, group: PurePosixPath, top: PurePosixPath, point: PurePosixPath) -> Iterator[Path]:
    """Yield the folders from `group` up to the mount point. A container may see its own group as the top of the mount."""
    inside = group.relative_to(top) if group.is_relative_to(top) else PurePosixPath()
    folder = root / point.relative_to("/")
    for below in (inside, *inside.parents):
        yield folder / below


def _mounts(root: Path, kind: str, controller: str | None) -> list[tuple[PurePosixPath, PurePosixPath]]:
    """Return (group at the top, mount point) of every mount of a hierarchy, from `/proc/self/mountinfo`."""
    found = []
    for line in _lines(root / "proc/self/mountinfo"):
        before, _, after = line.partition(" - ")
        fields, source = before.split(), after.split()
        if len(fields) < 5 or len(source) < 3 or source[0] != kind:
            continue
        if controller is None or controller in source[2].split(","):
            found.append((PurePosixPath(fields[3]), PurePosixPath(fields[4])))
    return found


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(errors="replace").splitlines()
    except OSError:
        return []


def _words(path: Path) -> list[str]:
    return " ".join(_lines(path)).split()


def _number(path: Path) -> int | None:
    words = _words(path)
    return int(words[0]) if words and words[0].isdigit() else None
