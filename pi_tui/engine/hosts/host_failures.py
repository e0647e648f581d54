"""How a host can fail: the errors, and what happened in words."""

from __future__ import annotations

import signal

from pi_tui.engine.errors import HostError
from pi_tui.host.protocol import Failure, HostEnded
from pi_tui.observe.process.launch_spec import NEVER_STARTED


class HostTimeout(HostError):  # noqa: N818 (the suffix is in its base)
    """Nothing came in time. The host still lives."""


class HostStopped(HostError):  # noqa: N818 (the suffix is in its base)
    """The host was stopped, as asked."""


class HostCrashed(HostError):  # noqa: N818 (the suffix is in its base)
    """The host is gone, and nobody asked for it.

    Attributes:
        failure: what happened, for a row of a table.
        ended: what was cleaned up.
    """

    def __init__(self, failure: Failure, ended: HostEnded | None) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.ended = ended


def describe_end(ended: HostEnded | None, log: str, *, observer_lost: bool) -> Failure:
    """The end of a host that nobody asked for, as a row of a table can say it.

    Args:
        ended: what the observer told.
        log: the last lines of what was printed.
        observer_lost: it could tell nothing, for it was killed itself.
    """
    if observer_lost or ended is None:
        return Failure("SIGKILL", "the observer was ended from outside, and the host with it", log)
    code = ended.exit_code
    if code == NEVER_STARTED:
        return Failure("Exit", "it could not be started", log)
    if code < 0:
        name = _name_signal(-code)
        return Failure(name, f"the host was ended by {name}", log)
    return Failure("Exit", f"the host ended with exit code {code}", log)


def _name_signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
