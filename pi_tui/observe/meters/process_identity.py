"""A process's identity, unique across restarts: the history stores the writer's, to find out later whether it still runs.

A process id alone is reused. Together with the process's start time, the system's boot and the PID namespace it identifies
one process.
"""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from dataclasses import dataclass

from pi_tui.observe.proc import process_tree


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """The identity of one process.

    Attributes:
        host: the name of the machine.
        place: "boot id/PID namespace", each empty if the system does not provide it.
        pid: the process id.
        born: the start time, in a unit that depends on the system; 0 if unknown.
    """

    host: str
    place: str
    pid: int
    born: int


def identify_this_process() -> ProcessIdentity:
    """Return the identity of this process."""
    return ProcessIdentity(platform.node(), _read_place(), os.getpid(), _read_birth(os.getpid()) or 0)


def is_alive(process: ProcessIdentity) -> bool | None:
    """Return whether the process still runs; None if it belongs to another machine or container and cannot be checked."""
    if process.host != platform.node():
        return None
    here, there = _read_place().split("/"), process.place.split("/")
    if here[0] != there[0]:
        return False  # the system was rebooted since
    if here != there:
        return None
    born = _read_birth(process.pid)
    return born is not None and process.born in (born, 0)


def _read_place() -> str:
    """Return the boot id and the PID namespace, separated by a slash."""
    boot = space = ""
    with suppress(OSError), open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        boot = file.read().strip()
    with suppress(OSError):
        space = f"{os.stat('/proc/self/ns/pid').st_ino}"
    return f"{boot}/{space}"


def _read_birth(pid: int) -> int | None:
    """Return a process's start time; None if no process with this id runs."""
    if os.path.isdir(f"{process_tree.PROC}/self"):
        process = process_tree.read_process(pid)
        return process.start_ticks if process is not None and process.alive else None
    import psutil

    try:
        return round(psutil.Process(pid).create_time() * 1000)
    except psutil.Error:
        return None
