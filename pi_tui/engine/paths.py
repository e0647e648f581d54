"""The folders where pi-tui keeps its data and caches, and the folder from which every interpreter imports it."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pi_tui

_NAME = "pi-tui"


@dataclass(frozen=True)
class Paths:
    """The user's folders: `data` must be kept, `cache` may be deleted at any time."""

    data: Path
    cache: Path

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Paths:
        """Return the folders below `PI_TUI_HOME` if that is set, otherwise the system's usual places. Creates nothing."""
        if home := environ.get("PI_TUI_HOME"):
            root = Path(os.path.expanduser(home)).absolute()
            return cls(root / "data", root / "cache")
        import platformdirs

        return cls(
            platformdirs.user_data_path(_NAME, appauthor=False), platformdirs.user_cache_path(_NAME, appauthor=False)
        )

    def find_numba_cache(self, python: str, package: Path | None = None) -> Path:
        """Return the folder where Numba keeps what it compiled for one interpreter; another one may see other packages.

        The folder's name contains a digest of the kernels' source. Numba checks whether a function's own file has changed, but
        not the files of the functions compiled into it; with the digest, code compiled from older kernels is never used.

        Raises:
            OSError: the kernels cannot be read.
        """
        absolute = os.path.abspath(python)
        kernels = _hash_sources((package or Path(pi_tui.__file__).parent) / "host" / "kernels")
        return self.cache / "numba" / f"{Path(absolute).name}-{_hash_text(absolute)}" / f"kernels-{kernels}"

    def open_caches(self, python: str, spare: Path) -> tuple[Path, Path]:
        """Return the import folder and the Numba cache of a host: in the cache folder, or in `spare` if that cannot be used.

        Raises:
            OSError: neither folder can be used.
        """
        try:
            return self._make_caches(python)
        except OSError:
            return replace(self, cache=spare)._make_caches(python)

    def describe_cache_obstacle(self) -> str | None:
        """Return a sentence that says why there is no cache; None if the cache folder can be used."""
        try:
            self._make_caches(sys.executable)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            return (
                f"the cache folder {self.cache} cannot be used: {reason}; runs go on without a cache, "
                "and compiled kernels are compiled anew each time (set PI_TUI_HOME to use another folder)"
            )
        return None

    def _make_caches(self, python: str) -> tuple[Path, Path]:
        self._check_name()
        import_folder, numba_cache = self.make_import_folder(), self.find_numba_cache(python)
        numba_cache.mkdir(parents=True, exist_ok=True)
        if not os.access(numba_cache, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return import_folder, numba_cache

    def _check_name(self) -> None:
        if os.pathsep in str(self.cache):
            raise OSError(f"its name contains {os.pathsep!r}, which separates the folders of a search path")

    def find_import_folder(self) -> Path:
        """Return a folder from which the app's own interpreter imports `pi_tui`: the package's parent if there is no cache.

        Raises:
            OSError: the name of the package's parent cannot stand in a search path.
        """
        with suppress(OSError):
            self._check_name()
            return self.make_import_folder()
        parent = Path(pi_tui.__file__).resolve().parent.parent
        if os.pathsep in str(parent):
            raise OSError(
                f"the cache folder {self.cache} cannot be used, and the name of {parent} contains {os.pathsep!r}"
            )
        return parent

    def make_import_folder(self, package: Path | None = None) -> Path:
        """Make a folder that holds `pi_tui` and nothing else, and return it; the same folder every time.

        It must be the same because Numba's cache depends on the path of the source. It must hold nothing else because an
        interpreter of another version must not see this one's packages.

        Raises:
            OSError: the cache folder cannot be written.
        """
        real = (package or Path(pi_tui.__file__).parent).resolve()
        parent = self.cache / f"path-{_hash_text(str(real))}"
        parent.mkdir(parents=True, exist_ok=True)
        link = parent / real.name
        if not (link.is_symlink() and link.resolve() == real):
            _link_or_copy(link, real)
        return parent


def _link_or_copy(link: Path, real: Path) -> None:
    """Put `link` in place in one step, because several apps may start at once; copy if the file system has no links."""
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


def _hash_text(text: str) -> str:
    return hashlib.sha256(os.fsencode(text)).hexdigest()[:8]


def _hash_sources(folder: Path) -> str:
    """Return a short digest of the Python files of a folder; it changes with any file's name or content."""
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*.py")):
        digest.update(hashlib.sha256(os.fsencode(file.name)).digest() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:12]
