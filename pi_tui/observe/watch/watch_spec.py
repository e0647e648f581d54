"""The watch spec: which program a watcher samples, or starts and samples. Standard library only."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

STOP = b"stop"
"""The line on the control pipe that ends the watch. A program that the watcher started gets SIGTERM, and SIGKILL later."""

KILL = b"kill"
"""The line on the control pipe that kills the program at once."""


@dataclass(frozen=True, slots=True)
class WatchSpec:
    """The first line on a watcher's control pipe.

    Attributes:
        report: descriptor on which the watcher sends messages.
        pid: the id of a running process; None if `command` is to be started.
        command: the command line of the program to start.
        environment: the program's environment; the watcher adds the run id.
        streams: descriptors of the program's standard input, output and error; the watcher closes its copies.
        run_id: identifies the program and its descendants in their environment.
        app: the app's process id. The app and the watcher never belong to the program, even as its descendants.
    """

    report: int
    pid: int | None
    command: tuple[str, ...] = ()
    environment: dict[str, str] | None = None
    streams: tuple[int, int, int] | None = None
    run_id: str = ""
    app: int = 0

    def encode(self) -> bytes:
        """Encode the spec as one line with its newline."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def decode(cls, line: bytes) -> WatchSpec:
        """Decode one line.

        Raises:
            ValueError, KeyError, TypeError: the line is no watch spec.
        """
        fields = json.loads(line)
        streams = fields["streams"]
        return cls(
            **{
                **fields,
                "command": tuple(fields["command"]),
                "streams": None if streams is None else (streams[0], streams[1], streams[2]),
            }
        )
