"""The laboratory with and without its screen: both take the same requests and return the same figures."""

from __future__ import annotations

import json
import os
import sys
from types import TracebackType
from typing import Any

from pi_tui.engine.laboratory import Laboratory
from pi_tui.engine.paths import Paths
from pi_tui.engine.run.request import RunRequest
from pi_tui.observe.meters.machine import read_machine
from tests.benchmarks.run_listener import Listener
from tests.benchmarks.terminal import Terminal

Request = dict[str, Any]
"""Fields of a `RunRequest`."""


class OpenApp:
    """The app on a pseudo-terminal, idle until it gets a request. `lanes_hz` is the option of its command line."""

    def __init__(self, lanes_hz: int | None = None) -> None:
        asked = () if lanes_hz is None else (str(lanes_hz),)
        commands, self._commands = os.pipe()
        self._answers, answers = os.pipe()
        self._terminal = Terminal(
            [sys.executable, "-m", "tests.benchmarks.driven_app", str(commands), str(answers), *asked],
            (commands, answers),
        )
        os.close(commands)
        os.close(answers)
        self._heard = os.fdopen(self._answers, "rb")
        self._terminal.watch()

    def __enter__(self) -> OpenApp:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        os.close(self._commands)
        self._heard.read()
        self._terminal.end()
        self._heard.close()

    def idle(self, seconds: float) -> dict[str, Any]:
        """Return `cpu`, its share of one core while nothing happens."""
        return self._ask({"do": "idle", "seconds": seconds})

    def run(self, request: Request, *, beats: bool = False) -> dict[str, Any]:
        """Return `cpu` as above, `trials` as in `Listener`, and `late_s` of each beat if `beats`."""
        return self._ask({"do": "run", "beats": beats, "request": request})

    def _ask(self, command: dict[str, Any]) -> dict[str, Any]:
        os.write(self._commands, json.dumps(command).encode() + b"\n")
        line = self._heard.readline()
        if not line:
            raise RuntimeError(f"the app is gone: {self._terminal.tail.decode(errors='replace')}")
        told: dict[str, Any] = json.loads(line)
        return told


class Headless:
    """The laboratory without a screen."""

    def __init__(self) -> None:
        self._laboratory = Laboratory(read_machine(), Paths.from_environment(os.environ))
        self._listener = Listener()

    def __enter__(self) -> Headless:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._laboratory.close()

    def run(self, request: Request) -> dict[str, Any]:
        """Return `trials` as in `Listener`."""
        for event in self._laboratory.run(self._laboratory.plan(RunRequest(**request))):
            self._listener.take(event)
        return {"trials": self._listener.pop_trials()}
