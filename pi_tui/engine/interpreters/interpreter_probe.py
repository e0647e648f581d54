"""Asking Pythons who they are: each once, several at a time, the answers kept for as long as nothing there changes."""

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
from pi_tui.engine.interpreters.probe_process import Questions
from pi_tui.engine.interruptible_wait import slices
from pi_tui.host import interpreter_info

OLDEST = (3, 11)
PATIENCE_S = 60.0
"""A cold disk and a busy machine included, as for a host; an interpreter says who it is in 50 ms as a rule."""
AT_ONCE = 8
VERSION = 2
"""Of the kept answers: another one is asked for anew."""

T = TypeVar("T")
Answer = dict[str, Any]
Stamp = list[int]


@dataclass(frozen=True, slots=True)
class Unusable:
    """Something that looks like a Python and cannot be measured with. `reason` goes on from its path: "is ..."."""

    path: str
    reason: str
    version: str | None = None


def interpreter_of(answer: Mapping[str, Any]) -> Interpreter:
    """The interpreter that `host.describe` told of.

    Raises:
        KeyError, TypeError, ValueError: it is no such answer.
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


def ask(
    path: Path, patience_s: float = PATIENCE_S, questions: Questions | None = None
) -> tuple[Answer | None, Unusable | None]:
    """What the file at `path` says of itself, or why nothing can be measured with it; takes some 50 ms.

    It is kept from the environment variables of another Python, and from what lies in the current folder.

    Raises:
        GivenUpError: `questions` were given up.
    """
    questions = questions or Questions()
    try:
        asked = questions.ask([str(path), "-E", "-P", interpreter_info.__file__], patience_s)
        answer: Answer = {**json.loads(asked), "path": str(path)}
        interpreter = interpreter_of(answer)
        numbers = _numbers(interpreter.version)
    except subprocess.TimeoutExpired:
        return None, Unusable(str(path), f"did not say who it is within {patience_s:g} s")
    except (OSError, subprocess.SubprocessError, ValueError, TypeError, KeyError) as error:
        return None, _old_or_none(path, error, patience_s, questions)
    if numbers < OLDEST:
        return None, _too_old(str(path), interpreter.version)
    if interpreter.implementation != "CPython":
        what = f"is {interpreter.implementation} {interpreter.version}: pi-tui measures CPython"
        return None, Unusable(str(path), what, interpreter.version)
    return answer, None


def _old_or_none(path: Path, error: Exception, patience_s: float, questions: Questions) -> Unusable:
    """What did not understand the question: a Python that is too old for it, or something else."""
    version = ""
    with suppress(OSError, subprocess.SubprocessError, ValueError):
        code = "import sys; print('python %d.%d.%d' % sys.version_info[:3])"
        word, _, version = questions.ask([str(path), "-c", code], patience_s).strip().partition(" ")
        if word != "python" or _numbers(version) >= OLDEST:
            version = ""
    if version:
        return _too_old(str(path), version)
    how = f" (it ended with exit code {error.returncode})" if isinstance(error, subprocess.CalledProcessError) else ""
    return Unusable(str(path), f"is no Python interpreter{how}")


def _too_old(path: str, version: str) -> Unusable:
    return Unusable(path, f"is Python {version}: {'.'.join(map(str, OLDEST))} or newer is needed", version)


def _numbers(version: str) -> tuple[int, int]:
    major, minor, *_ = version.split(".")
    return int(major), int(minor)


@dataclass(slots=True)
class Answers:
    """What was answered before, kept in a file from one start of the program to the next.

    An answer holds while neither the interpreter's file, nor its `pyvenv.cfg`, nor a folder that packages are installed in
    has changed. The file may be deleted at any time; where it cannot be read or written, all are asked again.
    """

    file: Path | None
    questions: Questions = field(default_factory=Questions)
    _kept: dict[str, tuple[Stamp, Answer]] = field(default_factory=dict)
    _read: bool = False

    def of(self, paths: Iterable[Path]) -> tuple[list[Interpreter], list[Unusable]]:
        """Who these are, in order, and which of them are unusable; asks those that are not known.

        Raises:
            GivenUpError: the questions were given up.
        """
        paths = list(paths)
        self._load()
        unknown = [path for path in paths if self._known(path) is None]
        unusable: list[Unusable] = []
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="asks a Python") as pool:
            try:
                asked = [pool.submit(self._ask, path) for path in unknown]
                for path, (answer, why_not) in zip(unknown, map(_outcome, asked), strict=True):
                    if answer is not None:
                        self._kept[str(path)] = (_stamp(path, answer), answer)
                    elif why_not is not None:
                        unusable.append(why_not)
            except BaseException:  # Ctrl-C, say: the pool would wait for all of them
                self.questions.give_up()
                raise
        if unknown:
            self._save()
        known = [answer for path in paths if (answer := self._known(path)) is not None]
        return [interpreter_of(answer) for answer in known], unusable

    def _ask(self, path: Path) -> tuple[Answer | None, Unusable | None]:
        return ask(path, questions=self.questions)

    def _known(self, path: Path) -> Answer | None:
        stamp, answer = self._kept.get(str(path), ([], None))
        return answer if answer is not None and stamp == _stamp(path, answer) else None

    def _load(self) -> None:
        if self._read or self.file is None:
            return
        self._read = True
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            kept = json.loads(self.file.read_text(encoding="utf-8"))
            if kept["version"] == VERSION:
                for path, (stamp, answer) in kept["answers"].items():
                    interpreter_of(answer)  # or it is not taken
                    self._kept.setdefault(path, (stamp, answer))

    def _save(self) -> None:
        if self.file is None:
            return
        text = json.dumps({"version": VERSION, "answers": self._kept}, indent=1)
        with suppress(OSError):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", dir=self.file.parent, delete=False, encoding="utf-8") as scratch:
                scratch.write(text)
            os.replace(scratch.name, self.file)


def _outcome(asked: Future[T]) -> T:
    """What came of a question."""
    for slice_s in slices():
        if wait([asked], slice_s).done:
            break
    return asked.result()


def _stamp(path: Path, answer: Answer) -> Stamp:
    """When everything that an answer depends on was last changed; 0 for what is not there."""
    folders = answer.get("folders", [])
    watched = [str(path), str(path.parent.parent / "pyvenv.cfg"), *(str(folder) for folder in folders)]
    stamp = []
    for each in watched:
        try:
            stamp.append(os.stat(each).st_mtime_ns)
        except OSError:
            stamp.append(0)
    return stamp
