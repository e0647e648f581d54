"""Start an observer, which then starts a host."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from pi_tui.engine.errors import HostError
from pi_tui.engine.hosts.host_command import (
    HostCommand,
    build_host_command_line,
    build_host_environment,
    build_observer_command_line,
    build_observer_environment,
)
from pi_tui.engine.hosts.host_pipes import HostPipes
from pi_tui.engine.hosts.run_folder import RunFolder
from pi_tui.engine.paths import Paths
from pi_tui.observe.process.cleanup import remove_temporary
from pi_tui.observe.process.launch_spec import LaunchSpec


@dataclass(frozen=True)
class LaunchedObserver:
    """An observer that was started: the spec it will be given, its process, and what the app shares with it."""

    spec: LaunchSpec
    observer: subprocess.Popen[bytes]
    pipes: HostPipes
    folder: RunFolder


def launch_observer(command: HostCommand, paths: Paths, environ: Mapping[str, str]) -> LaunchedObserver:
    """Start an observer; it waits for its spec.

    Raises:
        HostError: the temporary folder cannot be written, or the system has no processes or descriptors left.
    """
    if sys.platform == "win32":  # Windows can neither pass on descriptors nor make sessions
        raise HostError("Experiments need a POSIX system; on Windows, use WSL.")
    try:
        with ExitStack() as unless_started:
            folder = RunFolder()
            unless_started.callback(folder.remove)
            unless_started.callback(remove_temporary, folder.run_id, str(folder.path))
            import_folder, numba_cache = paths.open_caches(command.python, folder.path / "cache")
            pipes = HostPipes()
            unless_started.callback(pipes.close)
            observer = _start_observer(pipes, folder, environ, import_folder)
            unless_started.pop_all()
    except OSError as error:
        raise HostError(f"The host cannot be started: {_describe_os_error(error)}") from error
    spec = LaunchSpec(
        run_id=folder.run_id,
        command=build_host_command_line(command, pipes.requests.reading, pipes.events.writing),
        environment=build_host_environment(
            environ,
            command,
            run_id=folder.run_id,
            import_folder=import_folder,
            numba_cache=numba_cache,
            temporary=folder.path,
        ),
        requests=pipes.requests.reading,
        events=pipes.events.writing,
        report=pipes.report.writing,
        temporary=str(folder.path),
        lanes_shown=command.lanes_shown,
        cores=command.cores,
        lanes_hz=command.lanes_hz,
    )
    pipes.close_child_ends()
    return LaunchedObserver(spec, observer, pipes, folder)


def _describe_os_error(error: OSError) -> str:
    """Return the system's message, with the file it concerns."""
    message = (error.strerror or str(error)).lower()
    return message if error.filename is None else f"{error.filename}: {message}"


def _start_observer(
    pipes: HostPipes, folder: RunFolder, environ: Mapping[str, str], import_folder: Path
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        build_observer_command_line(sys.executable, pipes.control.reading),
        env=build_observer_environment(environ, import_folder=import_folder),
        pass_fds=(*pipes.observer_descriptors, folder.descriptor),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=pipes.log.writing,
        start_new_session=True,  # so that Ctrl-C in the terminal reaches only the app
    )
