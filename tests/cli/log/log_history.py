"""A history that the tests call `pi-tui log` on."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from pi_tui.engine.run.events import CaseFinished, Progress, RunFinished, RunStarted, TrialFinished
from pi_tui.engine.run.request import RunRequest
from pi_tui.storage.history.recorder import Recorder
from pi_tui.storage.run_record import RunRecord


class History:
    """A history of its own, and `pi-tui log` over it."""

    def __init__(self, home: Path, call: Any) -> None:
        self.home, self.path = home, home / "data" / "history.db"
        self._call = call

    def __call__(self, *arguments: str, command: str = "log") -> subprocess.CompletedProcess[str]:
        done: subprocess.CompletedProcess[str] = self._call(command, *arguments, PI_TUI_HOME=str(self.home))
        return done

    def add(self, record: RunRecord, started_at: float = 1.7e9) -> None:
        complaints: list[str] = []
        ticks = iter(range(1_000_000))
        writer = Recorder(
            self.path,
            RunRequest(("python",)),
            complaints.append,
            clock=lambda: next(ticks) / 100,
            now=lambda: started_at,
        )
        progress = Progress(1, 2, 0.5, 1.0)
        cases = tuple(result.case for result in record.results)
        writer.record(RunStarted(record.machine, record.interpreters, cases, 6, 7))
        for result in record.results:
            for trial in result.trials:
                writer.record(TrialFinished(result.case, trial, result, progress))
            writer.record(CaseFinished(result, progress))
        writer.record(RunFinished(record.results, False, 1.5))
        writer.close()
        assert complaints == []

    def numbers(self, *arguments: str) -> list[int]:
        return [line["id"] for line in json.loads(self("list", "--format", "json", *arguments).stdout)]
