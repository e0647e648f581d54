"""A watcher with real programs: started, asked to end, killed; targets as the user types them; the output spool."""

from __future__ import annotations

import gc
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from pi_tui.engine.errors import HostError, UsageError
from pi_tui.engine.paths import Paths
from pi_tui.engine.watch_client import OutputSpool, WatchClient, make_command_target, make_process_target, to_exit_code
from pi_tui.host.watch_protocol import Begun, NotStarted, Sighting, WatchEnded, WatchMessage

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="watching needs Linux")

PATIENCE_S = 60.0
DEAF = (
    "import signal, time; signal.signal(signal.SIGTERM, lambda *_: None); print('ready', flush=True); time.sleep(600)"
)
POLITE = (
    "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(3)); print('ready', flush=True); "
    "time.sleep(600)"
)


class Watched:
    """A watch of a command that prints to a file."""

    def __init__(self, watch: WatchClient, printed: Path) -> None:
        self.watch = watch
        self._printed = printed
        self.messages: list[WatchMessage] = []

    def hear_until(self, kind: type[WatchMessage]) -> WatchMessage:
        """Return the first message of a kind; all messages are kept."""
        deadline = time.monotonic() + PATIENCE_S
        while not (found := [each for each in self.messages if isinstance(each, kind)]):
            assert time.monotonic() < deadline, self.messages
            self.messages += self.watch.hear(0.1)
        return found[0]

    def end(self) -> WatchEnded:
        ended = self.hear_until(WatchEnded)
        assert isinstance(ended, WatchEnded)
        return ended

    def until_seen(self, pid: int) -> None:
        """Wait until a thread of that process was sighted."""
        deadline = time.monotonic() + PATIENCE_S
        while not any(
            thread.pid == pid for each in self.messages if isinstance(each, Sighting) for thread in each.threads
        ):
            assert time.monotonic() < deadline, self.messages
            self.messages += self.watch.hear(0.1)

    def until_printed(self, text: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while text not in self._printed.read_text():
            assert time.monotonic() < deadline
            self.messages += self.watch.hear(0.05)


@contextmanager
def watching(folder: Path, *command: str) -> Iterator[Watched]:
    printed = folder / "printed"
    with printed.open("wb") as output, open(os.devnull, "rb") as nothing:
        streams = (nothing.fileno(), output.fileno(), output.fileno())
        watch = WatchClient(
            make_command_target(command), Paths.from_environment(os.environ), {**os.environ, "OF_OURS": "told"}, streams
        )
        try:
            yield Watched(watch, printed)
        finally:
            watch.close()


def test_from_the_beginning_to_the_end(tmp_path: Path) -> None:
    enough = tmp_path / "seen enough"
    with watching(
        tmp_path, "sh", "-c", f"echo $OF_OURS; until [ -e '{enough}' ]; do sleep 0.05; done; exit 9"
    ) as watched:
        first = watched.hear_until(Begun)
        assert isinstance(first, Begun)
        watched.until_seen(first.pid)
        enough.touch()
        assert watched.end() == WatchEnded("ended", 9)
        assert watched.messages[0] == first
        assert all(isinstance(each, Sighting) for each in watched.messages[1:-1])
        assert watched.watch.over
        assert watched.watch.hear(0.0) == []
    assert (tmp_path / "printed").read_text() == "told\n"


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("no-such-command-anywhere", "There is no command 'no-such-command-anywhere'."),
        (os.devnull, f"'{os.devnull}' may not be run: permission denied."),
    ],
)
def test_what_cannot_be_started_is_told_in_a_sentence(tmp_path: Path, command: str, why: str) -> None:
    with watching(tmp_path, command) as watched:
        assert watched.hear_until(NotStarted) == NotStarted(why)


def test_a_watcher_that_cannot_be_started_leaves_no_descriptor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = Paths(tmp_path, tmp_path / "cache")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no such file"))
    gc.collect()  # so that leftovers of other tests are not closed meanwhile
    before = os.listdir("/proc/self/fd")
    with open(os.devnull, "r+b") as nothing, pytest.raises(HostError, match="cannot be started"):
        WatchClient(make_command_target(("true",)), paths, os.environ, (nothing.fileno(),) * 3)
    assert set(os.listdir("/proc/self/fd")) <= set(before)


def test_a_program_may_end_by_itself_after_sigterm(tmp_path: Path) -> None:
    polite, killed = WatchEnded("stopped", 3), WatchEnded("stopped", -signal.SIGKILL)
    for attempt in range(5):  # it has two seconds, in which it may not get a core
        folder = tmp_path / f"{attempt}"
        folder.mkdir()
        with watching(folder, sys.executable, "-c", POLITE) as watched:
            watched.until_printed("ready")
            watched.watch.stop()
            ended = watched.end()
        assert ended in (polite, killed)
        if ended == polite:
            break
    assert ended == polite


def test_a_second_stop_kills_the_program(tmp_path: Path) -> None:
    with watching(tmp_path, sys.executable, "-c", DEAF) as watched:
        watched.until_printed("ready")
        watched.watch.stop()
        watched.watch.stop()
        assert watched.end() == WatchEnded("stopped", -signal.SIGKILL)


def test_closing_ends_what_was_started(tmp_path: Path) -> None:
    with watching(tmp_path, sys.executable, "-c", DEAF) as watched:
        watched.until_printed("ready")
        begun = watched.hear_until(Begun)
        assert isinstance(begun, Begun)
    assert not psutil.pid_exists(begun.watcher_pid)
    deadline = time.monotonic() + PATIENCE_S
    while psutil.pid_exists(begun.pid):  # a watcher without a core was killed; another process reaps the program
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_watcher_that_is_killed_takes_the_program_with_it(tmp_path: Path) -> None:
    with watching(tmp_path, sys.executable, "-c", DEAF) as watched:
        watched.until_printed("ready")
        begun = watched.hear_until(Begun)
        assert isinstance(begun, Begun)
        program = psutil.Process(begun.pid)
        os.kill(begun.watcher_pid, signal.SIGKILL)
        with pytest.raises(HostError, match="ended from outside"):
            watched.end()
        program.wait(PATIENCE_S)


def test_the_program_has_the_limits_signals_and_descriptors_that_we_have(tmp_path: Path) -> None:
    asked = (
        "import os, resource, signal; print(resource.getrlimit(resource.RLIMIT_NOFILE)[0], "
        "signal.getsignal(signal.SIGINT) is signal.default_int_handler, "
        "signal.getsignal(signal.SIGHUP) is signal.SIG_DFL, sorted(map(int, os.listdir('/proc/self/fd')))[:3], "
        "len(os.listdir('/proc/self/fd')))"
    )
    with watching(tmp_path, sys.executable, "-c", asked) as watched:
        assert watched.end() == WatchEnded("ended", 0)
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    assert (tmp_path / "printed").read_text() == f"{limit} True True [0, 1, 2] 4\n"


def test_targets_are_checked_before_anything_starts() -> None:
    with pytest.raises(UsageError, match="is pi-tui itself"):
        make_process_target(str(os.getpid()))
    for text in ("", "-1", "1.5", "٣", "99999999999"):
        with pytest.raises(UsageError, match="is not a process id"):
            make_process_target(text)
    for command in ((), ("",)):
        with pytest.raises(UsageError, match="No command was given"):
            make_command_target(command)
    assert make_command_target(("sleep", "1")).title == "sleep 1"
    assert make_command_target(("python", "-c", "\nimport this\n\x1b[2Jexit()")).title == "python -c import this exit()"
    parent = make_process_target(str(os.getppid()))
    assert (parent.pid, parent.command) == (os.getppid(), ())


@pytest.mark.parametrize(("code", "told"), [(None, 0), (0, 0), (7, 7), (-9, 137), (-15, 143)])
def test_a_signal_is_told_as_shells_do(code: int | None, told: int) -> None:
    assert to_exit_code(WatchEnded("ended", code)) == told


def test_a_spool_has_no_name_and_can_be_written_and_read_by_several(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with OutputSpool() as kept:
        assert not list(tmp_path.iterdir())
        with kept.path.open("ab") as one, kept.path.open("ab") as other:
            one.write(b"first ")
            one.flush()
            other.write(b"second")
        assert kept.path.read_bytes() == b"first second"
        saved = kept.save()
        path = kept.path
    assert not path.exists()
    assert list(tmp_path.iterdir()) == [saved]
    assert saved.read_bytes() == b"first second"


def test_closing_twice_closes_nobody_elses_descriptor() -> None:
    kept = OutputSpool()
    kept.close()
    other = os.open(os.devnull, os.O_RDONLY)
    try:
        kept.close()
        os.fstat(other)
    finally:
        os.close(other)
