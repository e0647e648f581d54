"""What the app asks of the observer: which host to start, and how to know what belongs to it. Standard library only."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

STOP = b"stop"
"""The line that follows an order when everything is to end."""

NEVER_STARTED = 1000
"""The exit code told for a command that could not be started; no process has it."""


@dataclass(frozen=True, slots=True)
class LaunchSpec:
    """One host to start; the first line on the observer's control pipe.

    Attributes:
        run_id: marks the host and whatever it starts; begins the names of its shared memory.
        command: the host's command line.
        environment: all of the host's environment.
        requests: descriptor, handed through to the host.
        events: descriptor, handed through to the host.
        report: descriptor on which the observer itself reports.
        temporary: the host's own folder for temporary files, removed at the end; its name is `run_id`.
        lanes_shown: somebody looks at the lanes themselves, not only at their proportions: they are to be fine.
        cores: usable cores, as the app knows them; None: ask the system.
        lanes_hz: looks at the lanes a second that a person asked for; None: as often as their cost allows.
    """

    run_id: str
    command: tuple[str, ...]
    environment: dict[str, str]
    requests: int
    events: int
    report: int
    temporary: str
    lanes_shown: bool = False
    cores: int | None = None
    lanes_hz: int | None = None

    def encode(self) -> bytes:
        """The order as one line, with its newline. Not a `host.protocol` message: the host never sees it."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def decode(cls, line: bytes) -> LaunchSpec:
        """The order of one line; ValueError, KeyError or TypeError where it is none."""
        fields = json.loads(line)
        return cls(**{**fields, "command": tuple(fields["command"])})
