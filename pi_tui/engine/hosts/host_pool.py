"""The hosts of a laboratory: one per interpreter, GIL setting and user's kernel, kept from run to run as long as they work."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from pi_tui.analysis.results import Interpreter
from pi_tui.engine.hosts.host_command import HostCommand
from pi_tui.engine.hosts.host_process import HostProcess
from pi_tui.engine.paths import Paths
from pi_tui.host.protocol import Message

HostKey = tuple[str, bool | None, str]
"""The interpreter's path, the GIL setting, and the user's kernel that the host is for ("" for the catalog's)."""

LaunchHost = Callable[[HostCommand, Paths], HostProcess]


@dataclass(slots=True)
class Host:
    """A host process and the kernels it has prepared.

    Attributes:
        has_user_code: one of the kernels is the user's code.
        keeps_cores_busy: what it imported left a thread running, which would disturb the trials of other hosts.
    """

    process: HostProcess
    prepared: dict[str, Message] = field(default_factory=dict)
    trials: int = 0
    has_user_code: bool = False
    keeps_cores_busy: bool = False


class HostPool:
    """Starts hosts when they are needed, and ends them all at once. `stop_all` may be called from any thread."""

    def __init__(
        self,
        paths: Paths,
        app_python: str,
        launch: LaunchHost = HostProcess.launch,
        *,
        lanes_shown: bool = False,
        cores: int | None = None,
        lanes_hz: int | None = None,
    ) -> None:
        self._lanes_hz = lanes_hz
        self._cores = cores
        self._lanes_shown = lanes_shown
        self._paths = paths
        self._app_python = app_python
        self._launch = launch
        self._hosts: dict[HostKey, Host] = {}
        self._lock = threading.Lock()
        self._starting = threading.Lock()

    def get(self, interpreter: Interpreter, gil: bool | None, user_kernel: str = "") -> Host:
        """Return the host for an interpreter and a GIL setting; start it if there is none.

        Each of the user's kernels has a host of its own: whatever it changes in its process (the affinity mask, signal
        handlers, modules, open files) reaches no other kernel. Hosts of others that keep the cores busy are ended.

        Raises:
            HostStopped: `stop_all` was called meanwhile.
            HostError: the host did not become ready.
        """
        key = (interpreter.path, gil, user_kernel)
        with self._lock:
            busy = [host for other, host in self._hosts.items() if other != key and host.keeps_cores_busy]
        for host in busy:
            self.drop(host)
        with self._starting:
            with self._lock:
                if key in self._hosts:
                    return self._hosts[key]
                foreign = interpreter.path != self._app_python
                command = HostCommand(interpreter.path, gil, foreign, self._lanes_shown, self._cores, self._lanes_hz)
                host = self._hosts[key] = Host(self._launch(command, self._paths))
            try:  # without the lock, so that `stop_all` reaches a host that is still starting
                host.process.wait_until_ready()
            except BaseException:
                self.drop(host)
                raise
            return host

    def drop(self, host: Host) -> None:
        """End one host; the next `get` starts a new one."""
        with self._lock:
            self._hosts = {key: each for key, each in self._hosts.items() if each is not host}
        host.process.stop()
        host.process.close()

    def drop_user_code_hosts(self) -> None:
        """End every host that has imported the user's code, so that the code is read again."""
        with self._lock:
            old = [host for host in self._hosts.values() if host.has_user_code]
        for host in old:
            self.drop(host)

    def stop_all(self) -> None:
        """End every host and everything it started, all at the same time."""
        with self._lock:
            hosts, self._hosts = list(self._hosts.values()), {}
        threads = [threading.Thread(target=host.process.stop) for host in hosts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for host in hosts:
            host.process.close()
