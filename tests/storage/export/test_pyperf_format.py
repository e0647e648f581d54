"""pyperf itself reads what is written for it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pi_tui.analysis.results import Result, Trial
from pi_tui.engine.errors import LogError
from pi_tui.storage.export.formats import write_run
from pi_tui.storage.export.pyperf_format import make_benchmark_names, to_pyperf
from pi_tui.storage.run_record import RunRecord


def pyperf(*arguments: str | Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "pyperf", *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def slower(result: Result, factor: float) -> Result:
    def scaled(trial: Trial) -> Trial:
        return replace(trial, wall_s=trial.wall_s * factor)

    return replace(result, trials=tuple(map(scaled, result.trials)))


def test_stats_and_compare_to_read_it(run_record: RunRecord, tmp_path: Path) -> None:
    before, after = tmp_path / "before.pyperf.json", tmp_path / "after.pyperf.json"
    write_run(run_record, "pyperf", before, overwrite=False)
    twice = replace(run_record, results=tuple(slower(result, 2.0) for result in run_record.results))
    write_run(twice, "pyperf", after, overwrite=False)
    told = pyperf("stats", before)
    assert "python, threads, 2 workers, 2 tasks, 1000000 samples" in told
    assert "Number of warmup per run: 1" in told
    assert "630 ms" in told
    compared = pyperf("compare_to", before, after)
    assert compared.count("2.00x slower") == 2 + ("Geometric mean" in compared)


def test_one_worker_and_one_task_are_singular(run_record: RunRecord) -> None:
    case = replace(run_record.results[1].case, workers=1, tasks=1)
    (name,) = make_benchmark_names([replace(run_record.results[1], case=case)])
    assert name == "python, threads, 1 worker, 1 task, 1000000 samples"


def test_what_was_not_measured_has_no_place_in_it(run_record: RunRecord) -> None:
    suite = json.loads(to_pyperf(run_record))
    assert len(suite["benchmarks"]) == 2
    assert [len(benchmark["runs"][0]["values"]) for benchmark in suite["benchmarks"]] == [2, 2]
    with pytest.raises(LogError, match="nothing was measured"):
        to_pyperf(replace(run_record, results=run_record.results[2:]))


def test_the_same_case_has_the_same_name_in_every_run_and_no_two_are_alike(run_record: RunRecord) -> None:
    baseline, threads = run_record.results[:2]
    elsewhere = replace(threads, case=replace(threads.case, python="3.14.8"))
    assert make_benchmark_names([baseline, threads])[1] == make_benchmark_names([elsewhere])[0]
    assert make_benchmark_names([threads, elsewhere]) == [
        f"{make_benchmark_names([threads])[0]}, Python {python}" for python in ("3.11.7", "3.14.8")
    ]
    assert len(set(make_benchmark_names([threads, threads, threads]))) == 3
