"""The launch spec: which host the observer starts, and how it recognises the host's processes. Standard library only."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

STOP = b"stop"
"""The line on the control pipe, after the launch spec, that ends the host and all its descendants."""

STACKS = b"stacks"
"""The line that has the host and its workers write the stacks of their threads to the log."""

STACKS_OF = "Stacks of process "
"""Begins the line that the observer writes to the log before each process's stacks; the process id follows."""

NEVER_STARTED = 1000
"""The exit code reported for a command that could not be started. No process can have it."""


@dataclass(frozen=True, slots=True)
class LaunchSpec:
    """One host to start; the first line on the observer's control pipe.

    Attributes:
        run_id: identifies the host and its descendants in their environment; their shared memory's names begin with it.
        command: the host's command line.
        environment: the host's whole environment.
        requests: descriptor that the host inherits.
        events: descriptor that the host inherits.
        report: descriptor on which the observer itself sends messages.
        temporary: the host's folder for temporary files, removed at the end; its name is `run_id`.
        lanes_shown: the lanes are displayed, so they need a finer resolution than totals alone do.
        cores: usable cores, as counted by the app; None: ask the system.
        lanes_hz: ticks per second that the user asked for; None: as many as their cost allows.
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
        """Encode the spec as one line with its newline. It is no `host.protocol` message, as the host never reads it."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def decode(cls, line: bytes) -> LaunchSpec:
        """Decode one line.

        Raises:
            ValueError, KeyError, TypeError: the line is no launch spec.
        """
        fields = json.loads(line)
        return cls(**{**fields, "command": tuple(fields["command"])})
