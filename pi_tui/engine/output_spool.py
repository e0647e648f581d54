"""What a watched command prints under the screen, kept where no name leads: whatever ends pi-tui, nothing is left of it."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType

_PREFIX, _SUFFIX = "pi-tui-watch-", ".log"


class KeptOutput:
    """A file in the folder for temporary ones, without a name there; the system drops it with its last user.

    Raises:
        OSError: there is no room for it.
    """

    def __init__(self) -> None:
        self._descriptor, name = tempfile.mkstemp(prefix=_PREFIX, suffix=_SUFFIX)
        os.unlink(name)

    @property
    def path(self) -> Path:
        """Where this process finds it as long as it is not closed (Linux)."""
        return Path(f"/proc/self/fd/{self._descriptor}")

    def save(self) -> Path:
        """A copy that stays, for a person to look into."""
        descriptor, name = tempfile.mkstemp(prefix=_PREFIX, suffix=_SUFFIX)
        with self.path.open("rb") as source, os.fdopen(descriptor, "wb") as copy:
            shutil.copyfileobj(source, copy)
        return Path(name)

    def close(self) -> None:
        """Let go of it; harmless when repeated."""
        with suppress(OSError):
            os.close(self._descriptor)
        self._descriptor = -1

    def __enter__(self) -> KeptOutput:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
