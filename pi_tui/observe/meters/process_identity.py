"""Who is writing: a process told apart from every other, here and after a restart, so that a dead writer is known as such.

A process id alone is given away again. With the moment of its birth and the place where that counts (this start of this
system, this name space of process ids) it names one process for good.
"""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from dataclasses import dataclass

from pi_tui.observe.proc import process_tree


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """One process.

    Attributes:
        host: the name of its machine.
        place: which start of the system, and which name space, its number belongs to; "" where the system does not tell.
        pid: its number.
        born: when it began, in a unit of the system's own; 0 where that is not known.
    """

    host: str
    place: str
    pid: int
    born: int


def identify_this_process() -> ProcessIdentity:
    """This process."""
    return ProcessIdentity(platform.node(), _read_place(), os.getpid(), _read_birth(os.getpid()) or 0)


def is_alive(process: ProcessIdentity) -> bool | None:
    """Whether it still runs; None for one that cannot be seen from here: of another machine or container."""
    if process.host != platform.node():
        return None
    here, there = _read_place().split("/"), process.place.split("/")
    if here[0] != there[0]:
        return False  # the system was started anew since
    if here != there:
        return None
    born = _read_birth(process.pid)
    return born is not None and process.born in (born, 0)


def _read_place() -> str:
    """The system's start and the name space of process ids, with a stroke between."""
    boot = space = ""
    with suppress(OSError), open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        boot = file.read().strip()
    with suppress(OSError):
        space = f"{os.stat('/proc/self/ns/pid').st_ino}"
    return f"{boot}/{space}"


def _read_birth(pid: int) -> int | None:
    """When a living process began; None where there is none of that number."""
    if os.path.isdir(f"{process_tree.PROC}/self"):
        process = process_tree.read_process(pid)
        return process.start_ticks if process is not None and process.alive else None
    import psutil

    try:
        return round(psutil.Process(pid).create_time() * 1000)
    except psutil.Error:
        return None
