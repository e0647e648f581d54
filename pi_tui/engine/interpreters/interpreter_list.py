"""Choose interpreters: the app's, one given by a path, a version or an id, and all of this machine."""

from __future__ import annotations

import difflib
import os
import re
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pi_tui.analysis.results import Interpreter
from pi_tui.engine.errors import UsageError
from pi_tui.engine.interpreters.interpreter_candidates import (
    SHIM_FOLDER,
    find_candidates,
    find_environment_python,
    identify_interpreter,
)
from pi_tui.engine.interpreters.interpreter_probe import (
    ProbeCache,
    UnusableInterpreter,
    parse_interpreter,
    probe_interpreter,
)
from pi_tui.engine.interpreters.probe_process import ProbeRunner
from pi_tui.host import interpreter_info

_VERSION = re.compile(r"(?:[Pp]ython)?(\d+(?:\.\d+)*\w*?)(t?)")


@dataclass(frozen=True, slots=True)
class Survey:
    """The interpreters of this machine, the app's first, each with an id of its own; and files that only look like one."""

    interpreters: tuple[Interpreter, ...]
    unusable: tuple[UnusableInterpreter, ...] = ()


def describe_app_interpreter() -> Interpreter:
    """Describe the interpreter that runs the app, without starting another process."""
    return parse_interpreter(interpreter_info.describe_interpreter())


def inspect_interpreter(path: Path, runner: ProbeRunner | None = None) -> Interpreter:
    """Ask the interpreter at `path` what it is; takes about 50 ms.

    Raises:
        ProbeCancelledError: the `runner` was cancelled.
        UsageError: the file is not a Python, or one that pi-tui cannot measure.
    """
    answer, why_not = probe_interpreter(path, runner=runner)
    if answer is None:
        raise UsageError(f"{str(path)!r} {why_not.reason if why_not else 'is not a Python interpreter'}")
    return parse_interpreter(answer)


class InterpreterIds:
    """Gives each interpreter an id that no other has, and always the same one.

    The first interpreter of a version has the version as its id. Others have the name of their environment's or installation's
    folder added, and a number if that is taken too.
    """

    def __init__(self) -> None:
        self._by_identity: dict[tuple[str, str], Interpreter] = {}
        self._lock = threading.Lock()

    def find(self, file: Path) -> Interpreter | None:
        """Return the interpreter of a file, whatever path names it; None if it has no id yet."""
        return self._by_identity.get(identify_interpreter(file))

    def assign(self, interpreter: Interpreter) -> Interpreter:
        """Return the interpreter with its id, at the path by which it was first found."""
        key = identify_interpreter(Path(interpreter.path))
        with self._lock:
            if key not in self._by_identity:
                self._by_identity[key] = replace(interpreter, id=self._choose_id(interpreter))
            return self._by_identity[key]

    def _choose_id(self, interpreter: Interpreter) -> str:
        taken = {each.id for each in self._by_identity.values()}
        if interpreter.id not in taken:
            return interpreter.id
        folder = Path(interpreter.path).parent
        home = folder.parent if folder.name in ("bin", "Scripts") else folder
        wanted = f"{interpreter.id}@{home.name or 'root'}".replace(",", "_").replace(" ", "_")
        return next(
            name
            for name in (wanted, *(f"{wanted}-{number}" for number in range(2, len(taken) + 3)))
            if name not in taken
        )


class InterpreterFinder:
    """Finds interpreters and gives them ids. Any method may be called from any thread.

    Args:
        app: the interpreter that runs the app, which gets the first id.
        cache: the folder where answers are kept; None keeps none.
        environ: names the active environments.
        folder: returns the current folder.
    """

    def __init__(
        self,
        app: Interpreter,
        cache: Path | None = None,
        environ: Mapping[str, str] = os.environ,
        folder: Callable[[], Path] = Path.cwd,
    ) -> None:
        self._ids = InterpreterIds()
        self.app = self._ids.assign(app)
        self._cache = ProbeCache(None if cache is None else cache / "pythons.json")
        self._environ = environ
        self._folder = folder
        self._known: dict[str, Interpreter] = {"": self.app}
        self._survey: Survey | None = None
        self._lock = threading.RLock()

    def find(self, asked: str) -> Interpreter:
        """Find the interpreter for "" (the app's), a path, a version ("3.14", "3.13t") or an id.

        A path may be that of the interpreter's file or of its environment's folder.

        Raises:
            UsageError: nothing is there, it is not a Python, or it cannot be measured.
        """
        known = self._known.get(asked)  # without the lock, because a survey may hold it for seconds
        if known is None:
            with self._lock:
                known = self._known[asked] = self._known.get(asked) or self._ids.assign(self._find(asked))
        return known

    def survey(self, *, again: bool = False) -> Survey:
        """Find all interpreters, once or `again`. The very first time takes about a second."""
        with self._lock:
            if self._survey is None or again:
                files = find_candidates(self._environ, self._folder_or_root())
                app = identify_interpreter(Path(self.app.path))
                found, unusable = self._cache.probe(file for file in files if identify_interpreter(file) != app)
                each = {python.path: self._ids.assign(python) for python in found}
                self._survey = Survey((self.app, *each.values()), tuple(unusable))
            return self._survey

    def close(self) -> None:
        """Cancel all probes; calls that wait for one raise `ProbeCancelledError`."""
        self._cache.runner.cancel()

    def _folder_or_root(self) -> Path:
        try:
            return self._folder()
        except OSError:  # the folder was deleted
            return Path("/")

    def _find(self, asked: str) -> Interpreter:
        if (file := _resolve_path(asked)) is not None:
            return self._ids.find(file) or inspect_interpreter(file, self._cache.runner)
        if _matches_version(self.app, asked):
            return self.app
        if (file := _find_on_path(asked, self._cache.runner)) is not None:
            return self._ids.find(file) or inspect_interpreter(file, self._cache.runner)
        pythons = self.survey().interpreters
        if (found := next((each for each in pythons if each.id == asked), None)) is not None:
            return found
        able = [each for each in pythons if _matches_version(each, asked)]
        if able:
            return max(able, key=lambda each: _version_key(each.version))
        raise UsageError(_describe_unknown(asked, pythons, self.survey().unusable))


def deduplicate(found: Sequence[Interpreter]) -> tuple[Interpreter, ...]:
    """Return the interpreters without repeated paths."""
    return tuple({interpreter.path: interpreter for interpreter in found}.values())


def _resolve_path(asked: str) -> Path | None:
    """Return the file that a path names; None if `asked` is not the path of anything.

    Raises:
        UsageError: the path is a folder without a Python.
    """
    given = Path(os.path.expanduser(asked))
    if os.path.isdir(given) and not _VERSION.fullmatch(asked):  # os.path accepts even what cannot be a path
        file = find_environment_python(given)
        if file is None:
            raise UsageError(f"there is no Python in the folder {asked!r}")
        return file
    if os.path.isfile(given):
        return given if given.is_absolute() else Path.cwd() / given
    return None


def _find_on_path(asked: str, runner: ProbeRunner) -> Path | None:
    """Return the file that a version or a command's name means on PATH; None if there is none.

    The shims of pyenv and asdf are skipped, and a `python3.13` may turn out to be the free-threaded build.
    """
    version = _VERSION.fullmatch(asked)
    if os.sep in asked or "@" in asked:
        return None
    folders = [folder for folder in os.get_exec_path() if Path(folder).name != SHIM_FOLDER]
    place = shutil.which(f"python{version[1]}{version[2]}" if version else asked, path=os.pathsep.join(folders))
    if place is None or version is None:
        return None if place is None else Path(place)
    answer, _ = probe_interpreter(Path(place), runner=runner)
    return Path(place) if answer is not None and _matches_version(parse_interpreter(answer), asked) else None


def _matches_version(interpreter: Interpreter, asked: str) -> bool:
    """Return whether "3", "3.14", "3.14.8" or "3.13t" means this interpreter; the "t" must match too."""
    version = _VERSION.fullmatch(asked)
    if version is None or bool(version[2]) != interpreter.free_threaded_build:
        return False
    return f"{interpreter.version}.".startswith(f"{version[1]}.")


def _version_key(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))


def _describe_unknown(asked: str, pythons: Sequence[Interpreter], unusable: Sequence[UnusableInterpreter]) -> str:
    """Return the sentence for an interpreter that does not exist, with those that do."""
    version = _VERSION.fullmatch(asked)
    old = next((each for each in unusable if version and f"{each.version}.".startswith(f"{version[1]}.")), None)
    if old is not None:
        return f"there is no usable interpreter {asked!r}: {old.path} {old.reason}"
    ids = [python.id for python in pythons]
    near = difflib.get_close_matches(asked, ids, n=1, cutoff=0.6)
    meant = f"did you mean {near[0]!r}? There" if near else "there"
    return f"there is no interpreter {asked!r}: {meant} are {', '.join(ids)} (see pi-tui pythons), and any path works"


def survey_interpreters(cache: Path | None) -> Survey:
    """Find all interpreters of this machine; answers are kept in the folder `cache`."""
    return InterpreterFinder(describe_app_interpreter(), cache).survey()
