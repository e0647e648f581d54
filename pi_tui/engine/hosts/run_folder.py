"""A host's own folder for temporary files; and tidying up after apps that were killed together with their observers."""

from __future__ import annotations

import os
import re
import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pi_tui.observe.process import cleanup

if sys.platform != "win32":
    import fcntl

_NAME = re.compile(r"pt-[0-9a-f]{8}")
_MAX_ROOT_BYTES = 40
"""Bytes of a folder's name beyond which the sockets of `multiprocessing` (108 bytes at most) would not fit below it."""
_MIN_AGE_S = 60.0
"""A folder may be seen before it is locked."""


class RunFolder:
    """A new folder. Its name is the run's id: whoever makes the folder has the name.

    It is locked as long as anyone holds `descriptor`, and those are the app and the observer alone; so a folder that is not
    locked is one that nobody will clean up any more.
    """

    def __init__(self, root: Path | None = None) -> None:
        """Make it; OSError where that cannot be done."""
        while True:
            self.path = (root or find_temporary_root()) / f"pt-{secrets.token_hex(4)}"
            try:
                self.path.mkdir(mode=0o700)
            except FileExistsError:
                continue
            break
        self.descriptor = os.open(self.path, os.O_RDONLY)
        with suppress(OSError):  # a file system without locks: then nobody will tidy up there
            fcntl.flock(self.descriptor, fcntl.LOCK_EX)

    @property
    def run_id(self) -> str:
        """What marks the run's processes and begins the names of its shared memory."""
        return self.path.name

    def close(self) -> None:
        """Let go of it; harmless when repeated."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def remove(self) -> None:
        """Let go of it and remove it, as long as it is empty."""
        self.close()
        with suppress(OSError):
            self.path.rmdir()


def find_temporary_root() -> Path:
    """The system's folder for temporary files, or a shorter one where its name is too long for sockets below it."""
    usual = tempfile.gettempdir()
    if len(os.fsencode(usual)) > _MAX_ROOT_BYTES and sys.platform == "linux" and os.access("/tmp", os.W_OK | os.X_OK):
        return Path("/tmp")
    return Path(usual)


def sweep_abandoned_runs(
    root: Path, now: float | None = None, *, wait: Callable[[float], None] = time.sleep
) -> tuple[str, ...]:
    """Clean up after runs of this person whose app and observer are both gone: their ids.

    Args:
        root: where the folders of runs are.
        now: seconds since the epoch.
        wait: lets at most so many seconds pass. What it raises breaks off, and the next sweep has what is left.
    """
    before = (time.time() if now is None else now) - _MIN_AGE_S
    return tuple(name for name in _list_old_folders(root, before) if _clean_up_if_abandoned(root / name, wait))


def _list_old_folders(root: Path, before: float) -> list[str]:
    found = []
    with suppress(OSError), os.scandir(root) as entries:
        for entry in entries:
            if _NAME.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False):
                status = entry.stat(follow_symlinks=False)
                if status.st_uid == os.getuid() and status.st_mtime < before:
                    found.append(entry.name)
    return found


def _clean_up_if_abandoned(folder: Path, wait: Callable[[float], None]) -> bool:
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False  # someone looks after it
    else:
        wait(0.0)  # may break off here too: where many are abandoned, looking for the processes of each takes time
        cleanup.clean_up(cleanup.ProcessCriteria(folder.name, None), str(folder), wait=wait)
        return True
    finally:
        os.close(descriptor)
