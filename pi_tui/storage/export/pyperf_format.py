"""pyperf's JSON: one benchmark per case, for `python -m pyperf compare_to`, `stats` and `hist`.

The format is described at https://pyperf.readthedocs.io/en/latest/api.html and by pyperf's own files: a suite has benchmarks,
a benchmark has runs, and a run has warm-ups (loops and seconds) and values in seconds. Cases without a measured trial are left
out.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pi_tui
from pi_tui.analysis.results import Case, Interpreter, Result
from pi_tui.analysis.text.formatting import plural
from pi_tui.engine.errors import LogError
from pi_tui.storage.run_record import RunRecord

PYPERF_VERSION = "1.0"


def to_pyperf(run: RunRecord) -> str:
    """Format the run's wall times as a pyperf suite.

    Raises:
        LogError: nothing was measured; pyperf cannot read an empty suite.
    """
    measured = [result for result in run.results if result.measured_trials]
    if not measured:
        raise LogError("nothing was measured, and a pyperf file holds only measured times")
    pythons = {each.id: each for each in run.interpreters}
    document = {
        "version": PYPERF_VERSION,
        "metadata": {
            "unit": "second",
            "cpu_count": run.machine.logical_cores,
            "cpu_model_name": run.machine.processor or "unknown",
            "platform": run.machine.system or "unknown",
            "pi_tui_version": pi_tui.__version__,
        },
        "benchmarks": [
            _benchmark(result, name, pythons.get(result.case.python))
            for result, name in zip(measured, make_benchmark_names(measured), strict=True)
        ],
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def make_benchmark_names(results: Sequence[Result]) -> list[str]:
    """Return a distinct name for each result; a case has the same name in every run.

    The interpreter is part of the name only if the run has several, so that runs of two interpreters can be compared.
    """
    with_python = len({result.case.python for result in results}) > 1
    names = [_name(result.case, python=with_python) for result in results]
    counts: Counter[str] = Counter()
    distinct = []
    for name in names:
        counts[name] += 1
        distinct.append(name if counts[name] == 1 else f"{name} ({counts[name]})")
    return distinct


def _name(case: Case, *, python: bool) -> str:
    parts = [case.kernel, case.mode]
    parts += [part for part in (case.start_method, case.transport) if part]
    parts += [plural(case.workers, "worker"), plural(case.tasks, "task"), f"{case.samples} samples"]
    parts += ["split"] if case.split else []
    parts += [f"chunks of {case.chunksize}"] if case.chunksize not in (None, 1) else []
    parts += [] if case.gil is None else [f"GIL {'on' if case.gil else 'off'}"]
    parts += [f"Python {case.python}"] if python else []
    return ", ".join(parts)


def _benchmark(result: Result, name: str, python: Interpreter | None) -> dict[str, Any]:
    warmups = [trial for trial in result.trials if trial.kind == "warmup"]
    metadata: dict[str, Any] = {"name": name, "loops": 1}
    if python is not None:
        metadata["python_version"] = python.version
        metadata["python_implementation"] = python.implementation.lower()
    started_at = min(trial.started_at for trial in result.trials)
    values = [max(trial.wall_s, 1e-9) for trial in result.measured_trials]
    run: dict[str, Any] = {
        "metadata": {
            "date": datetime.fromtimestamp(started_at).isoformat(sep=" "),
            "duration": sum(trial.wall_s for trial in result.trials),
        },
        "values": values,
    }
    if warmups:
        run["warmups"] = [[1, trial.wall_s] for trial in warmups]
    return {"metadata": metadata, "runs": [run]}
