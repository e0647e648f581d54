"""An app that starts a host, injects faults, prints the process ids, and sleeps until it is killed."""

from __future__ import annotations

import sys
import time

from pi_tui.engine.hosts.host_command import HostCommand
from pi_tui.engine.hosts.host_process import HostProcess
from pi_tui.engine.paths import Paths
from pi_tui.host.protocol import Prepare


def main() -> None:
    python, home, *fault = sys.argv[1:]
    host = HostProcess.start(HostCommand(python), Paths.from_environment({"PI_TUI_HOME": home}))
    for each in fault:
        kernel, _, argument = each.partition(":")
        host.send(Prepare(kernel, argument, ""))
        if kernel != "hold":
            host.receive()
    print(host.run_id, host.pid, host.observer_pid, flush=True)
    time.sleep(3600)


if __name__ == "__main__":
    main()
