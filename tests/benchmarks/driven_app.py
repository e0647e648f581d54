"""The real app on a real terminal, which takes commands from a pipe and answers with the costs.

    python -m tests.benchmarks.driven_app COMMANDS ANSWERS [LANES_HZ]

Commands are JSON lines: `{"do": "idle", "seconds": 10}`, `{"do": "run", "beats": false, "request": {...}}`.
Nothing of this module runs while the app is being measured, except for requested beats.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import time
from collections.abc import Iterator
from typing import Any

from pi_tui.engine.run.events import Event
from pi_tui.engine.run.plan import Plan
from pi_tui.engine.run.request import RunRequest
from pi_tui.observe.meters.machine import read_machine
from pi_tui.ui.adapters import DeferredLaboratory, make_ports
from pi_tui.ui.app import LaboratoryApp
from pi_tui.ui.controllers.messages import RunEnded
from tests.benchmarks.run_listener import Listener

BEAT_S = 0.02
SETTLING_S = 2.0
"""The first drawing and the warming of a host are not part of idling."""


class RecordedLaboratory(DeferredLaboratory):
    """The real laboratory, with a listener."""

    def __init__(self, listener: Listener, lanes_hz: int | None) -> None:
        super().__init__(read_machine(), lanes_hz)
        self._listener = listener

    def run(self, plan: Plan) -> Iterator[Event]:
        """Run a plan as the real laboratory does."""
        for event in super().run(plan):
            self._listener.take(event)
            yield event


class DrivenApp(LaboratoryApp):
    """The app, driven by another program."""

    def __init__(self, commands: int, answers: int, lanes_hz: int | None = None) -> None:
        self._listener = Listener()
        super().__init__(make_ports(RecordedLaboratory(self._listener, lanes_hz)))
        self._commands, self._answers = commands, answers
        self._run_ended = asyncio.Event()

    def on_ready(self) -> None:
        """Start once the first frame is drawn."""
        self.run_worker(self._read_commands())

    def on_run_ended(self, event: RunEnded) -> None:
        """Note that a run is over."""
        if event.error:
            raise RuntimeError(event.error)
        self._run_ended.set()

    async def _read_commands(self) -> None:
        await asyncio.sleep(SETTLING_S)
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(self._commands, "rb"))
        while line := await reader.readline():
            self.run_worker(self._answer(json.loads(line)))  # an error in it ends the app
        self.exit()  # the other program is gone

    async def _answer(self, asked: dict[str, Any]) -> None:
        told = await (self._idle if asked["do"] == "idle" else self._run_once)(asked)
        os.write(self._answers, json.dumps(told).encode() + b"\n")

    async def _idle(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Measure the share of one core that the app uses while nothing happens."""
        began, cpu = time.monotonic(), time.process_time()
        await asyncio.sleep(asked["seconds"])
        return {"cpu": (time.process_time() - cpu) / (time.monotonic() - began)}

    async def _run_once(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Measure the same during a run; add the run's trials, and how late the beats came if requested."""
        while self.session.running:
            await asyncio.sleep(BEAT_S)
        plan = self.ports.laboratory.plan(RunRequest(**asked["request"]))
        self._run_ended.clear()
        late: list[float] = []
        beating = asyncio.create_task(_beat(late)) if asked["beats"] else None
        began, cpu = time.monotonic(), time.process_time()
        self.run_control.start(plan)
        await self._run_ended.wait()
        share = (time.process_time() - cpu) / (time.monotonic() - began)
        if beating is not None:
            beating.cancel()
        return {"cpu": share, "late_s": late, "trials": self._listener.pop_trials()}


async def _beat(late: list[float]) -> None:
    """Record how late each beat comes, until it is cancelled."""
    while True:
        before = time.monotonic()
        await asyncio.sleep(BEAT_S)
        late.append(max(0.0, time.monotonic() - before - BEAT_S))


if __name__ == "__main__":
    gc.disable()  # as `pi_tui.ui.launch` does; the app turns it on again
    DrivenApp(*map(int, sys.argv[1:])).run()
