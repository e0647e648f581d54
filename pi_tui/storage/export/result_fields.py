"""The fields of a result by name, version 1, as every format writes them.

Within a version, fields may be added, but never renamed, removed or given another meaning. None means "not known", never 0;
numbers that are not finite become None.
"""

from __future__ import annotations

import math
from dataclasses import asdict
from dataclasses import fields as dataclass_fields
from typing import Any

from pi_tui.analysis.results import Interpreter, Result, Trial
from pi_tui.host.protocol import WorkerLedger

FORMAT_VERSION = 1

Fields = dict[str, Any]

SCALARS = (
    "kernel",
    "mode",
    "start_method",
    "transport",
    "python",
    "gil_enabled",
    "free_threaded_build",
    "workers",
    "tasks",
    "samples",
    "split",
    "repeat",
    "seed",
    "baseline",
    "status",
    "error.type",
    "error.message",
    "wall_s.median",
    "wall_s.min",
    "wall_s.max",
    "wall_s.mad",
    "samples_per_s",
    "speedup",
    "efficiency",
    "estimate",
    "z",
    "chunksize",
    "gil",
    "in_app",
    "losses.speedup",
    "losses.startup",
    "losses.queued",
    "losses.waiting",
    "losses.gil_wait",
    "losses.lock_wait",
    "losses.io_wait",
    "losses.between",
    "losses.extra",
    "losses.imbalance",
    "losses.collect",
    "speedup_interval.low",
    "speedup_interval.high",
    "speedup_interval.level",
    "serial_fraction",
    "cores.workers",
    "cores.other_threads",
    "cores.children",
    "cores.pi_tui",
    "cores.others",
)
"""The columns of the flat formats, in order; a dot separates levels of nested objects. New columns are added at the end."""

_WORKER = tuple(field.name for field in dataclass_fields(WorkerLedger))
_SPREAD = ("median", "min", "max", "mad")


def get_figure_fields(result: Result) -> Fields:
    """Return all fields of a result except its trials, as plain JSON values."""
    finite: Fields = replace_non_finite(_figures(result))
    return finite


def _figures(result: Result) -> Fields:
    case = result.case
    return {
        "kernel": case.kernel,
        "mode": case.mode,
        "start_method": case.start_method,
        "transport": case.transport,
        "python": case.python,
        "gil_enabled": result.gil_enabled,
        "free_threaded_build": result.free_threaded_build,
        "workers": case.workers,
        "tasks": case.tasks,
        "samples": case.samples,
        "split": case.split,
        "repeat": result.repeat,
        "seed": result.seed,
        "baseline": result.baseline,
        "status": result.status,
        "error": None if result.error is None else asdict(result.error),
        "wall_s": dict.fromkeys(_SPREAD) if result.wall_s is None else asdict(result.wall_s),
        "samples_per_s": result.samples_per_s,
        "speedup": result.speedup,
        "efficiency": result.efficiency,
        "estimate": result.estimate,
        "z": result.z,
        "losses": None if result.losses is None else asdict(result.losses),
        "advice": [asdict(advice) for advice in result.advice],
        "chunksize": case.chunksize,
        "gil": case.gil,
        "in_app": result.in_app,
        "speedup_interval": None if result.speedup_interval is None else asdict(result.speedup_interval),
        "serial_fraction": result.serial_fraction,
        "cores": None if result.cores is None else asdict(result.cores),
        "changed": None if result.changed is None else list(result.changed),
        "stacks": [] if result.error is None else list(result.error.stacks),
    }


def get_interpreter_fields(interpreter: Interpreter) -> Fields:
    """Return all fields of an interpreter except its id, which is its key in the document."""
    fields = asdict(interpreter)
    del fields["id"]
    return fields


def get_scalar_fields(result: Result) -> Fields:
    """Return the fields in `SCALARS` as one flat row."""
    fields = get_figure_fields(result)
    row: Fields = {}
    for name in SCALARS:
        value: Any = fields
        for part in name.split("."):
            value = None if value is None else value[part]
        row[name] = value
    return row


def replace_non_finite(value: Any) -> Any:
    """Return `value` with every non-finite number replaced by None, at any depth."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: replace_non_finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [replace_non_finite(each) for each in value]
    return value


def get_trial_fields(trial: Trial) -> Fields:
    """Return all fields of a trial, with numbers as measured, finite or not."""
    return {
        "kind": trial.kind,
        "number": trial.number,
        "wall_s": trial.wall_s,
        "started_at": trial.started_at,
        "workers": [_worker_fields(worker) for worker in trial.workers],
        "results": list(trial.results),
        "faults": list(trial.faults),
        "facts": asdict(trial.facts),
    }


def _worker_fields(worker: WorkerLedger) -> Fields:
    """Do what `dataclasses.asdict` does without its deep copies: but for the waits, a ledger holds only numbers."""
    fields = {name: getattr(worker, name) for name in _WORKER}
    if worker.waited_for is not None:
        fields["waited_for"] = [{"name": wait.name, "seconds": wait.seconds} for wait in worker.waited_for]
    return fields
