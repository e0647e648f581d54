"""Histories for the tests of `pi-tui log`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pi_tui.analysis.results import Machine, Trial
from pi_tui.storage.run_record import RunRecord
from tests.cli.log.log_history import History


def _five(record: RunRecord, factor: float, machine: Machine | None = None) -> RunRecord:
    def again(trials: tuple[Trial, ...], mode: str) -> tuple[Trial, ...]:
        times = factor if mode == "threads" else 1.0
        return tuple(replace(trials[1], number=n, wall_s=trials[1].wall_s * times * (1 + n / 100)) for n in range(1, 6))

    results = [
        replace(each, trials=again(each.trials, each.case.mode), advice=()) for each in record.results if each.trials
    ]
    return RunRecord(machine or record.machine, record.interpreters, tuple(results))


@pytest.fixture
def history(tmp_path: Path, call: Any) -> History:
    return History(tmp_path / "home", call)


@pytest.fixture
def two(history: History, run_record: RunRecord) -> History:
    """Two runs of the same cases: the later one on more cores, five repeats each, its threads at half the time."""
    history.add(_five(run_record, 1.0), 1.7e9)
    more = replace(run_record.machine, usable_cores=8)
    history.add(_five(run_record, 0.5, more), 1.8e9)
    return history
