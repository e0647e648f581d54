"""How a host can fail: the errors, and the sentences for a row of the table."""

from __future__ import annotations

import signal

from pi_tui.engine.errors import HostError
from pi_tui.host.protocol import Failure, HostEnded
from pi_tui.host.worker_runtime import CLOSED_PIPES_EXIT
from pi_tui.observe.process.launch_spec import NEVER_STARTED


class HostTimeout(HostError):  # noqa: N818 (the suffix is in its base)
    """Nothing came in time. The host is still alive."""


class HostStopped(HostError):  # noqa: N818 (the suffix is in its base)
    """The host was stopped on request."""


class HostCrashed(HostError):  # noqa: N818 (the suffix is in its base)
    """The host ended although nobody stopped it.

    Attributes:
        failure: what happened, for a row of the table.
        ended: what was cleaned up.
    """

    def __init__(self, failure: Failure, ended: HostEnded | None) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.ended = ended


def describe_end(ended: HostEnded | None, log: str, *, observer_lost: bool) -> Failure:
    """Describe the end of a host that nobody stopped, for a row of the table.

    Args:
        ended: what the observer reported.
        log: the last lines of what was printed.
        observer_lost: the observer was killed and could report nothing.
    """
    if observer_lost or ended is None:
        return Failure("SIGKILL", "the observer was ended from outside, and the host with it", log)
    if ended.observer_signal:
        name = _name_signal(ended.observer_signal)
        return Failure(name, f"the observer was ended by {name} from outside, and the host with it", log)
    code = ended.exit_code
    if code == NEVER_STARTED:
        return Failure("Exit", "the host could not be started", log)
    if code == CLOSED_PIPES_EXIT:
        return Failure(
            "ClosedPipes", "the kernel closed files that it did not open, among them the pipes of its host", log
        )
    if code < 0:
        name = _name_signal(-code)
        return Failure(name, f"the host was ended by {name}", log)
    return Failure("Exit", f"the host ended with exit code {code}", log)


def _name_signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
