"""Find interpreters, give them ids, and refuse files that are not interpreters."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pi_tui.analysis.results import Interpreter
from pi_tui.engine.errors import UsageError
from pi_tui.engine.interpreters import interpreter_list
from pi_tui.engine.interpreters.interpreter_candidates import find_candidates, identify_interpreter
from pi_tui.engine.interpreters.interpreter_list import InterpreterFinder, InterpreterIds
from pi_tui.engine.interpreters.interpreter_probe import ProbeCache, probe_interpreter

OWN = interpreter_list.describe_app_interpreter()


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty home and PATH, on a system without Pythons."""
    for name in (
        "PATH",
        "HOME",
        "PYENV_ROOT",
        "ASDF_DATA_DIR",
        "RYE_PY_ROOT",
        "UV_PYTHON_INSTALL_DIR",
        "XDG_DATA_HOME",
    ):
        monkeypatch.setenv(name, str(tmp_path / "nothing"))
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pi_tui.engine.interpreters.interpreter_candidates._SYSTEM_FOLDERS", ())
    return tmp_path


def fake(file: Path, version: str, *, free: bool = False, **more: object) -> Path:
    """Make a script that answers a probe as a Python of some version would."""
    answer = {
        "path": "",
        "version": version,
        "implementation": "CPython",
        "free_threaded_build": free,
        "gil_enabled": not free,
        "packages": {},
        "start_methods": ["fork"],
        **more,
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\necho asked >>'{file}.asked'\necho '{json.dumps(answer)}'\n")
    file.chmod(0o755)
    return file


def asked(file: Path) -> int:
    """Count how often a fake was probed."""
    log = Path(f"{file}.asked")
    return len(log.read_text().splitlines()) if log.exists() else 0


def finder(folder: Path, cache: Path | None = None) -> InterpreterFinder:
    return InterpreterFinder(OWN, cache, os.environ, lambda: folder)


def test_this_python_is_described_alike_from_inside_and_outside() -> None:
    assert interpreter_list.inspect_interpreter(Path(sys.executable)) == OWN
    assert OWN.packages.keys() == {"numpy", "numba"}
    assert OWN.build
    assert OWN.subinterpreters == (sys.version_info >= (3, 14))


def test_however_an_interpreter_is_named_it_is_the_same(tmp_path: Path) -> None:
    found = finder(tmp_path)
    folder = Path(sys.executable).parents[1]
    for name in ("", sys.executable, str(folder), OWN.id, OWN.version, ".".join(OWN.version.split(".")[:2])):
        assert found.find(name) == OWN


def test_what_is_no_python_is_said_to_be_none(tmp_path: Path) -> None:
    liar = tmp_path / "python3.12"
    liar.write_text("#!/bin/sh\necho '{\"version\": 3}'\n")
    liar.chmod(0o755)
    plain = tmp_path / "plain"
    plain.write_text("print(1)")
    for path in (liar, plain, Path("/bin/sh")):
        with pytest.raises(UsageError, match="is not a Python interpreter"):
            finder(tmp_path).find(str(path))
    with pytest.raises(UsageError, match="there is no Python in the folder"):
        finder(tmp_path).find(str(tmp_path))


def test_a_probe_times_out(tmp_path: Path) -> None:
    slow = tmp_path / "python3.12"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    answer, why_not = probe_interpreter(slow, timeout_s=0.2)
    assert answer is None
    assert why_not is not None
    assert why_not.reason == "did not answer within 0.2 s"


@pytest.mark.skipif(sys.platform != "linux", reason="sessions are read in /proc")
def test_a_python_answers_in_a_session_of_its_own(tmp_path: Path) -> None:
    """In its own session, a Python that often yields its core does not wait for the other programs of this session."""
    python, session = tmp_path / "python3.12", tmp_path / "session"
    python.write_text(f"#!/bin/sh\ncut -d ' ' -f 6 /proc/$$/stat > '{session}'\nexec '{sys.executable}' \"$@\"\n")
    python.chmod(0o755)
    answer, why_not = probe_interpreter(python)
    assert (answer is not None, why_not) == (True, None)
    assert int(session.read_text()) != os.getsid(0)


def test_a_python_that_is_too_old_or_another_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"is Python 3\.9\.1: 3\.11 or newer is needed"):
        finder(tmp_path).find(str(fake(tmp_path / "python3.9", "3.9.1")))
    with pytest.raises(UsageError, match=r"is PyPy 3\.11\.3: pi-tui measures only CPython"):
        finder(tmp_path).find(str(fake(tmp_path / "python3.11", "3.11.3", implementation="PyPy")))


def test_a_python_too_old_for_the_probe_is_reported_with_its_version(tmp_path: Path) -> None:
    old = tmp_path / "python2.7"
    old.write_text('#!/bin/sh\n[ "$1" = -c ] && echo python 2.7.18 || exit 2\n')
    old.chmod(0o755)
    _, why_not = probe_interpreter(old)
    assert why_not is not None
    assert (why_not.version, why_not.reason) == ("2.7.18", "is Python 2.7.18: 3.11 or newer is needed")


def test_a_version_is_looked_up_on_the_search_path(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = fake(nowhere / "bin" / "python3.98", "3.98.1")
    monkeypatch.setenv("PATH", str(nowhere / "bin"))
    assert finder(nowhere).find("3.98").path == str(file)


def test_a_version_without_its_t_is_not_the_free_threaded_build(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(nowhere / "free" / "bin" / "python3.97", "3.97.0", free=True)
    gil = fake(nowhere / "gil" / "bin" / "python3", "3.97.0")
    monkeypatch.setenv("PATH", f"{nowhere}/free/bin{os.pathsep}{nowhere}/gil/bin")
    found = finder(nowhere)
    assert found.find("3.97").path == str(gil)
    assert found.find("3.97t").id == "3.97.0t"


def test_an_unknown_version_is_answered_with_those_there_are(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(nowhere / "bin" / "python3.97", "3.97.4")
    fake(nowhere / "bin" / "python3.8", "3.8.2")
    monkeypatch.setenv("PATH", str(nowhere / "bin"))
    with pytest.raises(
        UsageError, match=rf"no interpreter '3\.97\.5': did you mean '3\.97\.4'\? There are {OWN.id}, 3\.97"
    ):
        finder(nowhere).find("3.97.5")
    with pytest.raises(UsageError, match="no interpreter 'nowhere/python'"):
        finder(nowhere).find("nowhere/python")
    with pytest.raises(UsageError, match=r"python3\.8 is Python 3\.8\.2: 3\.11 or newer is needed"):
        finder(nowhere).find("3.8")


@pytest.mark.parametrize("asked", ["~no-such-person/bin/python", "x" * 300, "nul\0", "/proc/1/root/" + "x" * 300])
def test_what_is_no_path_at_all_is_answered_alike(nowhere: Path, monkeypatch: pytest.MonkeyPatch, asked: str) -> None:
    monkeypatch.setenv("PATH", str(nowhere))
    with pytest.raises(UsageError, match="there is no interpreter"):
        finder(nowhere).find(asked)


def test_all_places_are_looked_into_and_each_interpreter_is_found_once(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_path = fake(nowhere / "bin" / "python3.12", "3.12.1")
    (nowhere / "bin" / "python3").symlink_to(on_path)
    fake(nowhere / "bin" / "python3.12-config", "3.12.1")
    fake(nowhere / "shims" / "python3.12", "3.12.7")
    places = [
        fake(nowhere / ".venv" / "bin" / "python", "3.13.1"),
        fake(nowhere / "active" / "bin" / "python", "3.13.2"),
        fake(nowhere / "pyenv" / "versions" / "3.13.3" / "bin" / "python3.13", "3.13.3"),
        fake(nowhere / "uv" / "cpython-3.13.4-linux" / "bin" / "python3", "3.13.4"),
        fake(nowhere / "home" / "miniconda3" / "envs" / "one" / "bin" / "python", "3.13.5"),
        fake(nowhere / "elsewhere" / "two" / "bin" / "python", "3.13.6"),
        fake(nowhere / "debian" / "python3.14", "3.14.0"),
    ]
    (nowhere / "home" / ".conda").mkdir()
    (nowhere / "home" / ".conda" / "environments.txt").write_text(f"{nowhere}/elsewhere/two\n{nowhere}/gone\n")
    monkeypatch.setenv("PATH", f"{nowhere}/bin{os.pathsep}{nowhere}/shims")
    monkeypatch.setenv("HOME", str(nowhere / "home"))
    monkeypatch.setenv("VIRTUAL_ENV", str(nowhere / "active"))
    monkeypatch.setenv("PYENV_ROOT", str(nowhere / "pyenv"))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(nowhere / "uv"))
    monkeypatch.setattr("pi_tui.engine.interpreters.interpreter_candidates._SYSTEM_FOLDERS", (str(nowhere / "debian"),))
    found = {identify_interpreter(file)[1] for file in find_candidates(os.environ, nowhere)}
    assert found == {str(file) for file in (on_path, *places)}
    ids = [each.id for each in finder(nowhere).survey().interpreters]
    assert sorted(ids[1:]) == ["3.12.1", *(f"3.13.{number}" for number in range(1, 7)), "3.14.0"]
    assert ids[0] == OWN.id


def test_an_environment_is_another_interpreter_than_the_one_it_was_made_of(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = fake(nowhere / "bin" / "python3.12", "3.12.1")
    for name in ("one", "two"):
        environment = nowhere / name
        (environment / "bin").mkdir(parents=True)
        (environment / "pyvenv.cfg").write_text("home = elsewhere\n")
        (environment / "bin" / "python").symlink_to(base)
        (environment / "bin" / "python3").symlink_to("python")
    monkeypatch.setenv(
        "PATH", os.pathsep.join(f"{nowhere}/{name}/bin" for name in ("one", "two", ".")).replace("/./", "/")
    )
    ids = [each.id for each in finder(nowhere).survey().interpreters]
    assert ids == [OWN.id, "3.12.1", "3.12.1@two", f"3.12.1@{nowhere.name}"]
    assert finder(nowhere).find("3.12.1@two").path == str(nowhere / "two" / "bin" / "python")


def test_broken_interpreters_are_listed_as_unusable(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(nowhere / "bin" / "python3.12", "3.12.1")
    broken = nowhere / "bin" / "python3.13"
    broken.write_text("#!/bin/sh\nexit 127\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(nowhere / "bin"))
    found = finder(nowhere).survey()
    assert [each.id for each in found.interpreters] == [OWN.id, "3.12.1"]
    assert [(each.path, each.reason) for each in found.unusable] == [
        (str(broken), "is not a Python interpreter (it ended with exit code 127)")
    ]


def test_each_is_asked_once_until_it_or_its_packages_change(tmp_path: Path) -> None:
    packages = tmp_path / "site-packages"
    packages.mkdir()
    file = fake(tmp_path / "python3.12", "3.12.1", folders=[str(packages)])
    cache = tmp_path / "cache" / "pythons.json"
    for _ in range(2):  # within one start of the program, and from one to the next
        probes = ProbeCache(cache)
        for _ in range(2):
            assert [each.version for each in probes.probe([file])[0]] == ["3.12.1"]
    assert asked(file) == 1
    (packages / "numpy").mkdir()
    os.utime(packages, ns=(1, 1))
    ProbeCache(cache).probe([file])
    assert asked(file) == 2
    fake(file, "3.12.2")
    assert [each.version for each in ProbeCache(cache).probe([file])[0]] == ["3.12.2"]
    cache.write_text("no JSON")
    assert [each.version for each in ProbeCache(cache).probe([file])[0]] == ["3.12.2"]


def test_ids_differ_even_for_the_same_version_and_stay() -> None:
    def python(path: str) -> Interpreter:
        return replace(OWN, path=path)

    id_registry = InterpreterIds()
    ids = [
        id_registry.assign(python(path)).id for path in ("/a/env/bin/python", "/b/env/bin/python", "/c/env/bin/python")
    ]
    assert ids == [OWN.id, f"{OWN.id}@env", f"{OWN.id}@env-2"]
    assert id_registry.assign(python("/b/env/bin/python")).id == f"{OWN.id}@env"
