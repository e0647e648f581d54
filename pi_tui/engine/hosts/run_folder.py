"""A host's folder for temporary files, and the clean-up after apps that were killed together with their observers."""

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
"""In a folder with a longer name the sockets of `multiprocessing` (at most 108 bytes) would not fit."""
_MIN_AGE_S = 60.0
"""Younger folders are left alone: a folder is visible for a moment before it is locked."""


class RunFolder:
    """A new folder for temporary files. Its name is the run's id: creating the folder makes the id unique.

    The folder is locked as long as any process holds `descriptor`, and only the app and the observer do. So a folder without a
    lock is one that no process will clean up any more.
    """

    def __init__(self, root: Path | None = None) -> None:
        """Create the folder.

        Raises:
            OSError: the folder cannot be created.
        """
        while True:
            self.path = (root or find_temporary_root()) / f"pt-{secrets.token_hex(4)}"
            try:
                self.path.mkdir(mode=0o700)
            except FileExistsError:
                continue
            break
        try:
            self.path.chmod(0o700)  # whatever the umask has left of it
            self.descriptor = os.open(self.path, os.O_RDONLY)
        except BaseException:
            self.path.rmdir()
            raise
        with suppress(OSError):  # on a file system without locks, no later app will clean up
            fcntl.flock(self.descriptor, fcntl.LOCK_EX)

    @property
    def run_id(self) -> str:
        """The mark in the environment of the run's processes, and the beginning of the names of its shared memory."""
        return self.path.name

    def close(self) -> None:
        """Give up the lock. Repeating it is harmless."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def remove(self) -> None:
        """Give up the lock, and remove the folder if it is empty."""
        self.close()
        with suppress(OSError):
            self.path.rmdir()


def find_temporary_root() -> Path:
    """Return the system's folder for temporary files, or /tmp if its name is too long for sockets below it."""
    usual = tempfile.gettempdir()
    if len(os.fsencode(usual)) > _MAX_ROOT_BYTES and sys.platform == "linux" and os.access("/tmp", os.W_OK | os.X_OK):
        return Path("/tmp")
    return Path(usual)


def sweep_abandoned_runs(
    root: Path, now: float | None = None, *, wait: Callable[[float], None] = time.sleep
) -> tuple[str, ...]:
    """Clean up after this user's runs whose app and observer are both gone; return their ids.

    Args:
        root: where the folders of runs are.
        now: seconds since the epoch.
        wait: waits at most so many seconds. An exception from it ends the sweep; the next sweep continues.
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
        return False  # its app or observer is alive
    else:
        wait(0.0)  # a chance to end the sweep: looking for the processes of each run takes time
        cleanup.clean_up(cleanup.ProcessCriteria(folder.name, None), str(folder), wait=wait)
        return True
    finally:
        os.close(descriptor)
