"""Where pi-tui keeps things, and the folder from which every interpreter imports it."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pi_tui
from pi_tui.engine.errors import HostError

_NAME = "pi-tui"


@dataclass(frozen=True)
class Paths:
    """The person's folders: `data` is to be kept, `cache` may be deleted at any time."""

    data: Path
    cache: Path

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Paths:
        """Both below `PI_TUI_HOME` where it is set, else where the system wants them. Nothing is created."""
        if home := environ.get("PI_TUI_HOME"):
            root = Path(os.path.expanduser(home)).absolute()
            return cls(root / "data", root / "cache")
        import platformdirs

        return cls(
            platformdirs.user_data_path(_NAME, appauthor=False), platformdirs.user_cache_path(_NAME, appauthor=False)
        )

    def find_numba_cache(self, python: str, package: Path | None = None) -> Path:
        """Where Numba keeps what it compiled for one interpreter, which may see other packages than the next.

        In it, a folder for the kernels as they are written now. Numba looks whether a function's own file has changed, and
        not at the files of the functions that were compiled into it; so other kernels never meet what was compiled of these.

        Raises:
            OSError: the kernels cannot be read.
        """
        absolute = os.path.abspath(python)
        kernels = _hash_sources((package or Path(pi_tui.__file__).parent) / "host" / "kernels")
        return self.cache / "numba" / f"{Path(absolute).name}-{_hash_text(absolute)}" / f"kernels-{kernels}"

    @contextmanager
    def translate_cache_errors(self, subject: str) -> Iterator[None]:
        """Around what makes or reads folders in the cache, for what is told in one sentence: "The host", "The watcher".

        Raises:
            HostError: the cache folder cannot be used.
        """
        told = f"{subject} cannot be started, as the cache folder {self.cache} cannot be used"
        elsewhere = "PI_TUI_HOME names another place"
        if os.pathsep in str(self.cache):
            raise HostError(f"{told}: a {os.pathsep!r} in its name would end it on a search path; {elsewhere}")
        try:
            yield
        except OSError as error:
            reason = error.strerror or str(error)
            raise HostError(f"{told}: {reason[:1].lower()}{reason[1:]}; {elsewhere}") from error

    def make_import_folder(self, package: Path | None = None) -> Path:
        """A folder that holds nothing but `pi_tui`: the same one every time, and no other package beside it.

        The same, because Numba's cache goes by the path of the source; nothing beside it, because an interpreter of another
        version must not see this one's packages.

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


def _hash_text(text: str) -> str:
    return hashlib.sha256(os.fsencode(text)).hexdigest()[:8]


def _hash_sources(folder: Path) -> str:
    """What the Python files of a folder say, in a few letters: others where anything in them, or a name, is another."""
    told = hashlib.sha256()
    for file in sorted(folder.glob("*.py")):
        told.update(hashlib.sha256(os.fsencode(file.name)).digest() + hashlib.sha256(file.read_bytes()).digest())
    return told.hexdigest()[:12]
