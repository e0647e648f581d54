"""Watch another program: choose the target, start the watcher process, receive what it sees, and end what it started."""

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
_LINUX_ONLY = "Watching programs needs Linux: other systems do not show what another program's threads wait for."


@dataclass(frozen=True)
class WatchTarget:
    """What to watch: a running process, or a command to start.

    Attributes:
        note: what the user should know about the target beforehand; may be empty.
    """

    pid: int | None
    command: tuple[str, ...]
    title: str
    note: str = ""


def make_process_target(text: str) -> WatchTarget:
    """Return the target for a process id as the user typed it.

    Raises:
        UsageError: the text is not a number, no such process exists, or this system does not show it.
    """
    require_linux()
    if not (text.isascii() and text.isdigit() and 0 < len(text) <= 10 and int(text) > 0):
        raise UsageError(f"{text[:80]!r} is not a process id; to start a command, type: pi-tui watch -- COMMAND")
    process = find_process(int(text))
    if process is None:
        raise UsageError(f"There is no process {int(text)}.")
    if process.pid == os.getpid():
        raise UsageError(f"Process {process.pid} is pi-tui itself.")
    command = read_command(process.pid)
    return WatchTarget(process.pid, (), command, _note_other_user(process.pid))


def make_command_target(command: tuple[str, ...]) -> WatchTarget:
    """Return the target for a command to start.

    Raises:
        UsageError: the command is empty, or programs cannot be watched on this system.
    """
    require_linux()
    if not command or not command[0]:
        raise UsageError("No command was given: pi-tui watch -- COMMAND ...")
    return WatchTarget(
        None, command, " ".join(strip_escapes(" ".join(command)).split())
    )  # an argument may be a script with line breaks


def parse_target(text: str) -> WatchTarget:
    """Read one line as a target: a process id, or a command line split as a shell splits it.

    Raises:
        UsageError: the line is neither, or the target cannot be watched.
    """
    if text.strip().isdigit():
        return make_process_target(text.strip())
    try:
        return make_command_target(tuple(shlex.split(text)))
    except ValueError as error:
        raise UsageError(f"That is not a command line: {str(error).lower()}.") from error


def require_linux() -> None:
    """Raise UsageError on other systems than Linux."""
    if sys.platform != "linux":
        raise UsageError(_LINUX_ONLY)


def _note_other_user(pid: int) -> str:
    """Return a note if the process belongs to another user, because its system calls cannot be read; otherwise ""."""
    try:
        owner = os.stat(f"/proc/{pid}").st_uid
    except OSError:
        return ""
    if os.geteuid() in (0, owner):
        return ""
    return f"Process {pid} belongs to another user: pi-tui can see whether its threads run, but not what they wait for."


class WatchClient:
    """One watcher process and the program it watches.

    Args:
        target: what to watch.
        paths: where pi-tui lies for other processes.
        environ: the environment of a command that is started.
        streams: descriptors for the command's standard input, output and error.

    Raises:
        HostError: the watcher cannot be started.
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
                self._watcher = self._start(environ, paths.find_import_folder(), given)
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
            start_new_session=True,  # so that Ctrl-C in the terminal reaches only the app
        )

    def hear(self, timeout_s: float) -> list[WatchMessage]:
        """Return the watcher's messages, waiting for them at most `timeout_s` seconds. The last of all is a `WatchEnded`.

        Raises:
            HostError: the watcher was ended from outside; everything it had started was ended.
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
            raise HostError("The watcher was ended from outside; what it had started was ended too.")
        return messages

    @property
    def over(self) -> bool:
        """Whether the last message was received."""
        return self._over

    def stop(self) -> None:
        """End the watch, and the program if the watcher started it: SIGTERM at the first call, SIGKILL at the second."""
        self._asked += 1
        self._send((STOP if self._asked == 1 else KILL) + b"\n")

    def close(self) -> None:
        """End the watcher and everything it started. Repeating it is harmless."""
        self._control.close_writing()  # end of file makes the watcher end what it started
        deadline = time.monotonic() + _CLOSE_TIMEOUT_S
        while self._watcher.poll() is None and time.monotonic() < deadline:
            self._read()  # so that the watcher is not blocked by a full pipe
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
        with suppress(OSError):  # the watcher is gone, and `hear` reports that
            write_all(self._control.writing, data)


def start_watch(target: WatchTarget, paths: Paths, environ: Mapping[str, str], kept: Path | None) -> WatchClient:
    """Watch a running process, or start a command without input that appends its output to the file `kept`.

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
    """Duplicate a descriptor to a number above 2, which keeps its number in the watcher, whose own 0, 1 and 2 are others."""
    copy = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 3)
    until.callback(os.close, copy)
    return copy


def to_exit_code(ended: WatchEnded) -> int:
    """Return the exit code to leave with: the program's own, or 128 plus the number of the signal that ended it."""
    code = ended.exit_code
    return 0 if code is None else 128 - code if code < 0 else code


class OutputSpool:
    """The output of a watched command, in a temporary file without a name: the system deletes it with its last user.

    So nothing is left on disk, however pi-tui ends.

    Raises:
        OSError: the file cannot be created.
    """

    def __init__(self) -> None:
        self._descriptor, name = tempfile.mkstemp(prefix=_SPOOL_PREFIX, suffix=_SPOOL_SUFFIX)
        os.unlink(name)

    @property
    def path(self) -> Path:
        """The path under which this process can open the file until it is closed (Linux)."""
        return Path(f"/proc/self/fd/{self._descriptor}")

    def save(self) -> Path:
        """Copy the output to a file that stays, for the user to read; return its path."""
        descriptor, name = tempfile.mkstemp(prefix=_SPOOL_PREFIX, suffix=_SPOOL_SUFFIX)
        with self.path.open("rb") as source, os.fdopen(descriptor, "wb") as copy:
            shutil.copyfileobj(source, copy)
        return Path(name)

    def close(self) -> None:
        """Close the file. Repeating it is harmless."""
        with suppress(OSError):
            os.close(self._descriptor)
        self._descriptor = -1

    def __enter__(self) -> OutputSpool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
