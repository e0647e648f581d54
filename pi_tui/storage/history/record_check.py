"""Checks the figures of a run that comes from elsewhere, once and at the door: what is imported can always be shown."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from typing import Any

from pi_tui.analysis.results import Case, Result, Trial
from pi_tui.host.dataclass_codec import ShapeError
from pi_tui.storage.run_record import RunRecord

MOST_WORKERS = 1_000_000
MOST_SAMPLES = 10**18
LONGEST_S = 1e10
"""Some three hundred years: for a wall as for a moment since the epoch."""


def check_record(record: RunRecord) -> None:
    """Check every figure of a run.

    Raises:
        ShapeError: one has no meaning; the message names the field and what stands there.
    """
    _check_range("machine.usable_cores", record.machine.usable_cores, 1, MOST_WORKERS)
    for number, result in enumerate(record.results):
        place = f"results[{number}]"
        _check_case(place, result.case)
        _check_result(place, result)
        for index, trial in enumerate(result.trials):
            _check_trial(f"{place}.trials[{index}]", trial)


def _check_case(place: str, case: Case) -> None:
    _check_range(f"{place}.workers", case.workers, 1, MOST_WORKERS)
    _check_range(f"{place}.tasks", case.tasks, 1, MOST_SAMPLES)
    _check_range(f"{place}.samples", case.samples, 1, MOST_SAMPLES)
    if case.split and case.samples < case.tasks:
        raise ShapeError(f"{place}.samples is {case.samples}: too few for {case.tasks} tasks")
    if case.chunksize is not None:
        _check_range(f"{place}.chunksize", case.chunksize, 1, MOST_SAMPLES)


def _check_result(place: str, result: Result) -> None:
    _check_range(f"{place}.repeat", result.repeat, 0, MOST_SAMPLES)
    if result.wall_s is not None:
        for name in ("median", "min", "max", "mad"):
            _check_range(f"{place}.wall_s.{name}", getattr(result.wall_s, name), 0, LONGEST_S)
    for name in ("samples_per_s", "speedup", "efficiency"):
        if (value := getattr(result, name)) is not None:
            _check_range(f"{place}.{name}", value, 0, math.inf)
    if result.losses is not None:
        _check_range(f"{place}.losses.workers", result.losses.workers, 1, MOST_WORKERS)
    for name in ("estimate", "z", "losses", "speedup_interval", "serial_fraction", "cores"):
        _check_finite(f"{place}.{name}", getattr(result, name))


def _check_trial(place: str, trial: Trial) -> None:
    _check_range(f"{place}.wall_s", trial.wall_s, 0, LONGEST_S)
    _check_range(f"{place}.started_at", trial.started_at, 0, LONGEST_S)
    for index, worker in enumerate(trial.workers):
        where = f"{place}.workers[{index}]"
        _check_range(f"{where}.index", worker.index, 0, MOST_WORKERS)
        _check_range(f"{where}.tasks", worker.tasks, 0, MOST_SAMPLES)
        _check_range(f"{where}.samples", worker.samples, 0, MOST_SAMPLES)
        _check_finite(where, worker)
    _check_finite(f"{place}.facts", trial.facts)


def _check_range(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:  # false for what is not a number, too
        raise ShapeError(f"{name} is {_shorten(value)}: from {least:g} to {most:g} is possible")


def _check_finite(name: str, value: Any) -> None:
    """Check that no number in a value is infinite or not a number."""
    for inner, number in _numbers(name, value):
        if not math.isfinite(number):
            raise ShapeError(f"{inner} is {number}: not a number that can be shown")


def _numbers(name: str, value: Any) -> Iterable[tuple[str, float]]:
    if isinstance(value, float):
        yield name, value
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) > MOST_SAMPLES:
        yield name, math.inf  # beyond what SQLite and other programs hold
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _numbers(f"{name}.{field.name}", getattr(value, field.name))
    elif isinstance(value, tuple):
        for index, each in enumerate(value):
            yield from _numbers(f"{name}[{index}]", each)


def _shorten(value: float) -> str:
    text = str(value)
    return text if len(text) <= 20 else f"{text[:16]}..."
