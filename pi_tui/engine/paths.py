"""Where pi-tui keeps things, and the folder from which every interpreter imports it."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pi_tui

_NAME = "pi-tui"


@dataclass(frozen=True)
class Paths:
    """The person's folders: `data` is to be kept, `cache` may be deleted at any time."""

    data: Path
    cache: Path

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Paths:
        """Both below `PI_TUI_HOME` where it is set, else where the system wants them. Nothing is created."""
        if home := environ.get("PI_TUI_HOME"):
            root = Path(os.path.expanduser(home)).absolute()
            return cls(root / "data", root / "cache")
        import platformdirs

        return cls(
            platformdirs.user_data_path(_NAME, appauthor=False), platformdirs.user_cache_path(_NAME, appauthor=False)
        )

    def numba_cache(self, python: str) -> Path:
        """Where Numba keeps what it compiled for one interpreter, which may see other packages than the next."""
        absolute = os.path.abspath(python)
        return self.cache / "numba" / f"{Path(absolute).name}-{_digest(absolute)}"

    def package_parent(self, package: Path | None = None) -> Path:
        """A folder that holds nothing but `pi_tui`: the same one every time, and no other package beside it.

        The same, because Numba's cache goes by the path of the source; nothing beside it, because an interpreter of another
        version must not see this one's packages.

        Raises:
            OSError: the cache folder cannot be written.
        """
        real = (package or Path(pi_tui.__file__).parent).resolve()
        parent = self.cache / f"path-{_digest(str(real))}"
        parent.mkdir(parents=True, exist_ok=True)
        link = parent / real.name
        if not (link.is_symlink() and link.resolve() == real):
            _link_or_copy(link, real)
        return parent


def _link_or_copy(link: Path, real: Path) -> None:
    """Put `link` in place in one step, as several apps may start at once; a copy where links are not to be had."""
    with tempfile.TemporaryDirectory(dir=link.parent.parent, prefix="link-") as scratch:
        made = Path(scratch) / link.name
        try:
            made.symlink_to(real, target_is_directory=True)
            if link.is_dir() and not link.is_symlink():
                shutil.rmtree(link)
            os.replace(made, link)
        except OSError:
            with suppress(FileNotFoundError):
                made.unlink()
            shutil.copytree(real, link, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))


def _digest(text: str) -> str:
    return hashlib.sha256(os.fsencode(text)).hexdigest()[:8]
