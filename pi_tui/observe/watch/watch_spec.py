"""What the app asks of a watcher: which program to look at. Standard library only."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

STOP = b"stop"
"""The line that ends the watch, and the program where the watcher started it: it is asked to end first."""

KILL = b"kill"
"""The line that leaves no more time for that."""


@dataclass(frozen=True, slots=True)
class WatchSpec:
    """The first line on a watcher's control pipe.

    Attributes:
        report: descriptor on which the watcher reports.
        pid: a process that runs already; None where `command` is to be started.
        command: the command line of the program to start.
        environment: all of its environment but for the mark.
        streams: descriptors that become its standard input, output and error; the watcher lets go of them.
        run_id: marks the program and whatever it starts.
        app: the app's process id: neither it nor the watcher is part of the program, though both may be below it.
    """

    report: int
    pid: int | None
    command: tuple[str, ...] = ()
    environment: dict[str, str] | None = None
    streams: tuple[int, int, int] | None = None
    run_id: str = ""
    app: int = 0

    def encode(self) -> bytes:
        """The order as one line, with its newline."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def decode(cls, line: bytes) -> WatchSpec:
        """The order of one line; ValueError, KeyError or TypeError where it is none."""
        fields = json.loads(line)
        streams = fields["streams"]
        return cls(
            **{
                **fields,
                "command": tuple(fields["command"]),
                "streams": None if streams is None else (streams[0], streams[1], streams[2]),
            }
        )
