"""Ask interpreters what they are: each once, several at a time; answers are kept until something changes."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pi_tui.analysis.results import Interpreter
from pi_tui.engine.interpreters.probe_process import ProbeRunner
from pi_tui.engine.interruptible_wait import slice_wait
from pi_tui.host import interpreter_info

MIN_VERSION = (3, 11)
PROBE_TIMEOUT_S = 60.0
"""Long enough for a cold disk and a busy machine, as for a host; an interpreter usually answers in 50 ms."""
MAX_CONCURRENT = 8
CACHE_VERSION = 2
"""Version of the cache file; another version is ignored."""

T = TypeVar("T")
Description = dict[str, Any]
Stamp = list[int]


@dataclass(frozen=True, slots=True)
class UnusableInterpreter:
    """A file that looks like a Python but cannot be measured. `reason` continues a sentence after the path: "is ..."."""

    path: str
    reason: str
    version: str | None = None


def parse_interpreter(answer: Mapping[str, Any]) -> Interpreter:
    """Read the answer of `host.interpreter_info`.

    Raises:
        KeyError, TypeError, ValueError: it is not such an answer.
    """
    free = bool(answer["free_threaded_build"])
    version = str(answer["version"])
    return Interpreter(
        id=version + "t" * free,
        path=str(answer["path"]),
        version=version,
        implementation=str(answer["implementation"]),
        free_threaded_build=free,
        gil_enabled=bool(answer["gil_enabled"]),
        packages={str(name): str(of) for name, of in dict(answer["packages"]).items()},
        start_methods=tuple(str(method) for method in answer["start_methods"]),
        build=str(answer.get("build", "")),
        subinterpreters=bool(answer.get("subinterpreters", False)),
    )


def probe_interpreter(
    path: Path, timeout_s: float = PROBE_TIMEOUT_S, runner: ProbeRunner | None = None
) -> tuple[Description | None, UnusableInterpreter | None]:
    """Ask the file at `path` what it is; return the answer, or why it cannot be measured. Takes about 50 ms.

    The environment variables of another Python and the modules in the current folder do not affect the answer.

    Raises:
        ProbeCancelledError: the `runner` was cancelled.
    """
    runner = runner or ProbeRunner()
    try:
        asked = runner.run([str(path), "-E", "-P", interpreter_info.__file__], timeout_s)
        answer: Description = {**json.loads(asked), "path": str(path)}
        interpreter = parse_interpreter(answer)
        numbers = _parse_version(interpreter.version)
    except subprocess.TimeoutExpired:
        return None, UnusableInterpreter(str(path), f"did not answer within {timeout_s:g} s")
    except (OSError, subprocess.SubprocessError, ValueError, TypeError, KeyError) as error:
        return None, _diagnose(path, error, timeout_s, runner)
    if numbers < MIN_VERSION:
        return None, _describe_too_old(str(path), interpreter.version)
    if interpreter.implementation != "CPython":
        what = f"is {interpreter.implementation} {interpreter.version}: pi-tui measures only CPython"
        return None, UnusableInterpreter(str(path), what, interpreter.version)
    return answer, None


def _diagnose(path: Path, error: Exception, timeout_s: float, runner: ProbeRunner) -> UnusableInterpreter:
    """Find out why a file did not answer: it is a Python too old for the question, or something else."""
    version = ""
    with suppress(OSError, subprocess.SubprocessError, ValueError):
        code = "import sys; print('python %d.%d.%d' % sys.version_info[:3])"
        word, _, version = runner.run([str(path), "-c", code], timeout_s).strip().partition(" ")
        if word != "python" or _parse_version(version) >= MIN_VERSION:
            version = ""
    if version:
        return _describe_too_old(str(path), version)
    how = f" (it ended with exit code {error.returncode})" if isinstance(error, subprocess.CalledProcessError) else ""
    return UnusableInterpreter(str(path), f"is not a Python interpreter{how}")


def _describe_too_old(path: str, version: str) -> UnusableInterpreter:
    return UnusableInterpreter(
        path, f"is Python {version}: {'.'.join(map(str, MIN_VERSION))} or newer is needed", version
    )


def _parse_version(version: str) -> tuple[int, int]:
    major, minor, *_ = version.split(".")
    return int(major), int(minor)


@dataclass(slots=True)
class ProbeCache:
    """Answers of earlier probes, kept in a file between starts of the program.

    An answer is valid until the interpreter's file, its `pyvenv.cfg`, or a folder for packages changes. The file may be deleted
    at any time; if it cannot be read or written, all interpreters are probed again.
    """

    file: Path | None
    runner: ProbeRunner = field(default_factory=ProbeRunner)
    _cached: dict[str, tuple[Stamp, Description]] = field(default_factory=dict)
    _read: bool = False

    def probe(self, paths: Iterable[Path]) -> tuple[list[Interpreter], list[UnusableInterpreter]]:
        """Return the interpreters at these paths in order, and which files are unusable; probes those that are not cached.

        Raises:
            ProbeCancelledError: the probes were cancelled.
        """
        paths = list(paths)
        self._load()
        unknown = [path for path in paths if self._find_cached(path) is None]
        unusable: list[UnusableInterpreter] = []
        with ThreadPoolExecutor(MAX_CONCURRENT, thread_name_prefix="probe") as pool:
            try:
                asked = [pool.submit(self._probe_one, path) for path in unknown]
                for path, (answer, why_not) in zip(unknown, map(_await_result, asked), strict=True):
                    if answer is not None:
                        self._cached[str(path)] = (_read_stamp(path, answer), answer)
                    elif why_not is not None:
                        unusable.append(why_not)
            except BaseException:  # for example Ctrl-C: leaving the pool would wait for all probes
                self.runner.cancel()
                raise
        if unknown:
            self._save()
        known = [answer for path in paths if (answer := self._find_cached(path)) is not None]
        return [parse_interpreter(answer) for answer in known], unusable

    def _probe_one(self, path: Path) -> tuple[Description | None, UnusableInterpreter | None]:
        return probe_interpreter(path, runner=self.runner)

    def _find_cached(self, path: Path) -> Description | None:
        stamp, answer = self._cached.get(str(path), ([], None))
        return answer if answer is not None and stamp == _read_stamp(path, answer) else None

    def _load(self) -> None:
        if self._read or self.file is None:
            return
        self._read = True
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            kept = json.loads(self.file.read_text(encoding="utf-8"))
            if kept["version"] == CACHE_VERSION:
                for path, (stamp, answer) in kept["answers"].items():
                    parse_interpreter(answer)  # raises if it is damaged
                    self._cached.setdefault(path, (stamp, answer))

    def _save(self) -> None:
        if self.file is None:
            return
        text = json.dumps({"version": CACHE_VERSION, "answers": self._cached}, indent=1)
        with suppress(OSError):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", dir=self.file.parent, delete=False, encoding="utf-8") as scratch:
                scratch.write(text)
            os.replace(scratch.name, self.file)


def _await_result(asked: Future[T]) -> T:
    """Wait for a future so that signals are noticed, and return its result."""
    for slice_s in slice_wait():
        if wait([asked], slice_s).done:
            break
    return asked.result()


def _read_stamp(path: Path, answer: Description) -> Stamp:
    """Return the modification times of everything that an answer depends on; 0 for what does not exist."""
    folders = answer.get("folders", [])
    watched = [str(path), str(path.parent.parent / "pyvenv.cfg"), *(str(folder) for folder in folders)]
    stamp = []
    for each in watched:
        try:
            stamp.append(os.stat(each).st_mtime_ns)
        except OSError:
            stamp.append(0)
    return stamp
