"""Starting an observer with a host below it."""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pi_tui.engine.environment import (
    HostCommand,
    host_command_line,
    host_environment,
    observer_command_line,
    observer_environment,
)
from pi_tui.engine.errors import HostError
from pi_tui.engine.host_pipes import HostPipes
from pi_tui.engine.paths import Paths, temporary_root
from pi_tui.observe.order import Order


@dataclass(frozen=True)
class Launched:
    """An observer that is on its way: what it is to be told, the process, and the app's ends of the pipes."""

    order: Order
    observer: subprocess.Popen[bytes]
    pipes: HostPipes


def launch(command: HostCommand, paths: Paths, environ: Mapping[str, str]) -> Launched:
    """Start an observer; it waits for its order.

    Raises:
        HostError: the cache or temporary folder cannot be written, or there are no processes or descriptors to be had.
    """
    if sys.platform == "win32":  # no descriptors can be handed down there, and there are no sessions
        raise HostError("Experiments need a POSIX system; on Windows, use WSL.")
    try:
        package_parent = paths.package_parent()
        numba_cache = paths.numba_cache(command.python)
        numba_cache.mkdir(parents=True, exist_ok=True)
        temporary = _make_temporary()
    except OSError as error:
        raise HostError(f"The host cannot be started: {error}") from error
    try:
        pipes = HostPipes()
    except OSError as error:
        temporary.rmdir()
        raise HostError(f"The host cannot be started: {error}") from error
    order = Order(
        run_id=temporary.name,
        command=host_command_line(command, pipes.requests.reading, pipes.events.writing),
        environment=host_environment(
            environ,
            command,
            run_id=temporary.name,
            package_parent=package_parent,
            numba_cache=numba_cache,
            temporary=temporary,
        ),
        requests=pipes.requests.reading,
        events=pipes.events.writing,
        report=pipes.report.writing,
        temporary=str(temporary),
    )
    try:
        observer = _start_observer(pipes, environ, package_parent)
    except OSError as error:
        pipes.close()
        temporary.rmdir()
        raise HostError(f"The observer cannot be started: {error}") from error
    pipes.close_childrens_ends()
    return Launched(order, observer, pipes)


def _start_observer(pipes: HostPipes, environ: Mapping[str, str], package_parent: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        observer_command_line(sys.executable, pipes.control.reading),
        env=observer_environment(environ, package_parent=package_parent),
        pass_fds=pipes.of_the_observer,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=pipes.log.writing,
        start_new_session=True,  # Ctrl-C in the terminal is the app's to decide on
    )


def _make_temporary() -> Path:
    """The host's own folder for temporary files. Its name is the run's id: whoever makes the folder has the name."""
    while True:
        folder = temporary_root() / f"pt-{secrets.token_hex(4)}"
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            continue
        return folder
