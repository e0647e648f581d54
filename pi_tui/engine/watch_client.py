"""A watcher's life: start it, hear what it sees, have it end what it started."""

from __future__ import annotations

import os
import secrets
import select
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from pi_tui.analysis.text.strip_escapes import strip_escapes
from pi_tui.engine.errors import HostError, UsageError
from pi_tui.engine.hosts.host_command import build_observer_environment
from pi_tui.engine.hosts.host_pipes import Pipe
from pi_tui.engine.paths import Paths
from pi_tui.host.watch_protocol import WatchEnded, WatchMessage, decode
from pi_tui.observe.process import cleanup
from pi_tui.observe.process.pipes import write_all
from pi_tui.observe.watch.process_scan import find_process, read_command
from pi_tui.observe.watch.watch_spec import KILL, STOP, WatchSpec

if sys.platform != "win32":
    import fcntl

_CLOSE_TIMEOUT_S = 8.0
_SPOOL_PREFIX, _SPOOL_SUFFIX = "pi-tui-watch-", ".log"
_LINUX_ONLY = "Watching programs needs Linux: other systems do not tell what another program's threads wait for."


@dataclass(frozen=True)
class WatchTarget:
    """What is to be watched: a process that runs, or a command to start.

    Attributes:
        note: what a person should know about it beforehand; may be empty.
    """

    pid: int | None
    command: tuple[str, ...]
    title: str
    note: str = ""


def make_process_target(text: str) -> WatchTarget:
    """The process that a person names by its number.

    Raises:
        UsageError: it is no number, there is no such process, or this system does not show it.
    """
    require_linux()
    if not (text.isascii() and text.isdigit() and 0 < len(text) <= 10 and int(text) > 0):
        raise UsageError(f"{text[:80]!r} is no process id; a command stands behind two dashes: pi-tui watch -- COMMAND")
    process = find_process(int(text))
    if process is None:
        raise UsageError(f"There is no process {int(text)}.")
    if process.pid == os.getpid():
        raise UsageError(f"Process {process.pid} is pi-tui itself.")
    command = read_command(process.pid)
    return WatchTarget(process.pid, (), command, _note_other_user(process.pid))


def make_command_target(command: tuple[str, ...]) -> WatchTarget:
    """A command to start.

    Raises:
        UsageError: it is empty, or this system cannot be watched.
    """
    require_linux()
    if not command or not command[0]:
        raise UsageError("No command was given: pi-tui watch -- COMMAND ...")
    return WatchTarget(
        None, command, " ".join(strip_escapes(" ".join(command)).split())
    )  # a script's text may be among them


def parse_target(text: str) -> WatchTarget:
    """What a person means by one line: a process id, or a command line as a shell would take it apart.

    Raises:
        UsageError: it is neither, or nothing that can be watched.
    """
    if text.strip().isdigit():
        return make_process_target(text.strip())
    try:
        return make_command_target(tuple(shlex.split(text)))
    except ValueError as error:
        raise UsageError(f"That is no command line: {str(error).lower()}.") from error


def require_linux() -> None:
    """Raise UsageError elsewhere."""
    if sys.platform != "linux":
        raise UsageError(_LINUX_ONLY)


def _note_other_user(pid: int) -> str:
    """A sentence where a process is another user's, whose system calls cannot be read."""
    try:
        owner = os.stat(f"/proc/{pid}").st_uid
    except OSError:
        return ""
    if os.geteuid() in (0, owner):
        return ""
    return f"Process {pid} belongs to another user: whether its threads run can be seen, but not what they wait for."


class WatchClient:
    """One watcher and what it looks at.

    Args:
        target: what to watch.
        paths: where pi-tui lies for other processes.
        environ: the environment of a command that is started.
        streams: descriptors for its standard input, output and error.

    Raises:
        HostError: the watcher itself cannot be started.
    """

    def __init__(
        self,
        target: WatchTarget,
        paths: Paths,
        environ: Mapping[str, str],
        streams: tuple[int, int, int] | None = None,
    ) -> None:
        self._run_id = f"pt-{secrets.token_hex(4)}"
        self._rest = b""
        self._over = False
        self._asked = 0
        with ExitStack() as unless_started, ExitStack() as handed_down:
            try:
                self._control, self._report = Pipe.open_in(unless_started), Pipe.open_in(unless_started)
                given = (
                    () if streams is None else tuple(_duplicate_above_stderr(stream, handed_down) for stream in streams)
                )
                with paths.translate_cache_errors("The watcher"):
                    import_folder = paths.make_import_folder()
                self._watcher = self._start(environ, import_folder, given)
            except OSError as error:
                raise HostError(f"The watcher cannot be started: {error}") from error
            unless_started.pop_all()
        spec = WatchSpec(
            report=self._report.writing,
            pid=target.pid,
            command=target.command,
            environment=dict(environ) if target.pid is None else None,
            streams=(given[0], given[1], given[2]) if given else None,
            run_id=self._run_id,
            app=os.getpid(),
        )
        self._control.close_reading()
        self._report.close_writing()
        os.set_blocking(self._report.reading, False)
        self._send(spec.encode())

    def _start(
        self, environ: Mapping[str, str], import_folder: Path, given: tuple[int, ...]
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            (sys.executable, "-P", "-S", "-m", "pi_tui.observe.watch", str(self._control.reading)),
            env=build_observer_environment(environ, import_folder=import_folder),
            pass_fds=(self._control.reading, self._report.writing, *given),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in the terminal is the app's to decide on
        )

    def hear(self, timeout_s: float) -> list[WatchMessage]:
        """What the watcher said, waiting for it at most so long. The last message of all is a `WatchEnded`.

        Raises:
            HostError: the watcher is gone without a word; whatever it had started was ended.
        """
        if self._over:
            return []
        ready, _, _ = select.select([self._report.reading], [], [], max(0.0, timeout_s))
        data = self._read() if ready else b""
        *lines, self._rest = (self._rest + data).split(b"\n")
        messages = [decode(line) for line in lines if line]
        self._over = any(isinstance(message, WatchEnded) for message in messages)
        if ready and not data and not self._over:
            self._over = True
            if self._watcher.wait(_CLOSE_TIMEOUT_S) == 0:
                return []
            cleanup.kill_processes(cleanup.ProcessCriteria(self._run_id, None))
            raise HostError("The watcher was ended from outside; what it had started was ended as well.")
        return messages

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self._over

    def stop(self) -> None:
        """End the watch, and the program where it was started: it is asked first, and at the second call no longer."""
        self._asked += 1
        self._send((STOP if self._asked == 1 else KILL) + b"\n")

    def close(self) -> None:
        """Leave nothing behind; harmless when repeated."""
        self._control.close_writing()  # its end: whatever was started is ended
        deadline = time.monotonic() + _CLOSE_TIMEOUT_S
        while self._watcher.poll() is None and time.monotonic() < deadline:
            self._read()  # so that it can say what it has to say
            with suppress(subprocess.TimeoutExpired):
                self._watcher.wait(0.02)
        if self._watcher.poll() is None:
            self._watcher.kill()
            self._watcher.wait()
            cleanup.kill_processes(cleanup.ProcessCriteria(self._run_id, None))
        self._report.close_reading()
        self._over = True

    def _read(self) -> bytes:
        parts = []
        with suppress(OSError):
            while part := os.read(self._report.reading, 1 << 16):
                parts.append(part)
        return b"".join(parts)

    def _send(self, data: bytes) -> None:
        with suppress(OSError):  # it is gone; whoever hears will know
            write_all(self._control.writing, data)


def start_watch(target: WatchTarget, paths: Paths, environ: Mapping[str, str], kept: Path | None) -> WatchClient:
    """A watch of a running process, or of a command that has no input and prints at the end of the file `kept`.

    Raises:
        HostError: the watcher cannot be started.
        OSError: the file cannot be written.
    """
    if target.pid is not None:
        return WatchClient(target, paths, environ)
    assert kept is not None
    with open(os.devnull, "rb") as nothing, kept.open("ab") as output:
        return WatchClient(target, paths, environ, (nothing.fileno(), output.fileno(), output.fileno()))


def _duplicate_above_stderr(descriptor: int, until: ExitStack) -> int:
    """A copy that keeps its number in the watcher, whose own 0, 1 and 2 are others."""
    copy = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 3)
    until.callback(os.close, copy)
    return copy


def to_exit_code(ended: WatchEnded) -> int:
    """The exit code to leave with: the program's own, 128 and the signal's number for one that a signal ended."""
    code = ended.exit_code
    return 0 if code is None else 128 - code if code < 0 else code


class OutputSpool:
    """A file in the folder for temporary ones, without a name there; the system drops it with its last user.

    Raises:
        OSError: there is no room for it.
    """

    def __init__(self) -> None:
        self._descriptor, name = tempfile.mkstemp(prefix=_SPOOL_PREFIX, suffix=_SPOOL_SUFFIX)
        os.unlink(name)

    @property
    def path(self) -> Path:
        """Where this process finds it as long as it is not closed (Linux)."""
        return Path(f"/proc/self/fd/{self._descriptor}")

    def save(self) -> Path:
        """A copy that stays, for a person to look into."""
        descriptor, name = tempfile.mkstemp(prefix=_SPOOL_PREFIX, suffix=_SPOOL_SUFFIX)
        with self.path.open("rb") as source, os.fdopen(descriptor, "wb") as copy:
            shutil.copyfileobj(source, copy)
        return Path(name)

    def close(self) -> None:
        """Let go of it; harmless when repeated."""
        with suppress(OSError):
            os.close(self._descriptor)
        self._descriptor = -1

    def __enter__(self) -> OutputSpool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
