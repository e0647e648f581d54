"""What each format writes: the contract's fields to the letter, for every exporter."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pi_tui.engine.errors import UsageError
from pi_tui.storage.export.formats import FORMATS, Format, export_run, get_format, get_suffix, replace_suffix, write_run
from pi_tui.storage.export.result_fields import SCALARS
from pi_tui.storage.export.table_formats import READER_FIELDS
from pi_tui.storage.run_record import RunRecord

TOP = ("version", "machine", "interpreters", "results")
RESULT = (
    "kernel mode start_method transport python gil_enabled free_threaded_build workers tasks samples split repeat seed "
    "baseline status error wall_s samples_per_s speedup efficiency estimate z losses advice trials"
)
TRIAL = "kind wall_s started_at workers"
WORKER = (
    "index pid tid tasks startup_s running_s queued_s waiting_s gil_wait_s lock_wait_s io_wait_s between_s idle_s "
    "voluntary_switches page_faults"
)
FLAT = (
    "kernel mode start_method transport python gil_enabled free_threaded_build workers tasks samples split repeat seed "
    "baseline status error.type error.message wall_s.median wall_s.min wall_s.max wall_s.mad samples_per_s speedup "
    "efficiency estimate z"
)


def as_json(run: RunRecord) -> dict[str, Any]:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    loaded: dict[str, Any] = json.loads(export_run(run, "json"), parse_constant=refuse)
    return loaded


def as_csv(run: RunRecord) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(export_run(run, "csv").decode(), newline="")))


@pytest.mark.parametrize("format", [format for format in FORMATS if format != "pyperf"])  # it holds only measured times
def test_every_format_has_every_result(run_record: RunRecord, format: Format) -> None:
    text = export_run(run_record, format).decode()
    assert text.endswith("\n")
    for result in run_record.results:
        assert result.case.kernel in text
    one, none = replace(run_record, results=run_record.results[:1]), replace(run_record, results=())
    assert len(text) > len(export_run(one, format)) > len(export_run(none, format))


def test_json_has_the_contracts_fields(run_record: RunRecord) -> None:
    document = as_json(run_record)
    assert document["version"] == 1
    assert set(TOP) <= set(document)
    assert set(document["interpreters"]["3.11.7"]) >= {"path", "version", "free_threaded_build", "packages"}
    for result in document["results"]:
        assert set(RESULT.split()) <= set(result)
        assert set(result["wall_s"]) == {"median", "min", "max", "mad"}
        for trial in result["trials"]:
            assert set(TRIAL.split()) <= set(trial)
            for worker in trial["workers"]:
                assert set(WORKER.split()) <= set(worker)


def test_json_says_what_was_measured(run_record: RunRecord) -> None:
    baseline, threads, failed, _ = as_json(run_record)["results"]
    assert baseline["baseline"] is True
    assert baseline["error"] is None
    assert [trial["kind"] for trial in baseline["trials"]] == ["warmup", "measured", "measured"]
    assert threads["wall_s"]["median"] == 0.63
    assert threads["losses"]["waiting"] == 1.0
    assert threads["advice"][0]["code"] == "gil-wait"
    assert failed["status"] == "failed"
    assert failed["error"]["type"] == "ValueError"
    assert "\n" in failed["error"]["message"]
    assert failed["wall_s"] == {"median": None, "min": None, "max": None, "mad": None}


def test_what_is_not_a_number_is_not_known(run_record: RunRecord) -> None:
    results = as_json(run_record)["results"]
    assert results[1]["advice"][0]["evidence"] == {"waiting_share": 0.49, "drift": None}
    assert results[2]["z"] is None
    for format in FORMATS:
        words = re.split(r"[\s,<>]+", export_run(run_record, format).decode().lower())
        assert not {"nan", "inf", "infinity"} & set(words)


def test_a_worker_parts_sum_to_the_wall(run_record: RunRecord) -> None:
    parts = ("startup_s", "running_s", "queued_s", "waiting_s", "between_s", "idle_s")
    for result in as_json(run_record)["results"]:
        for trial in result["trials"]:
            for worker in trial["workers"]:
                assert sum(worker[part] for part in parts) == pytest.approx(trial["wall_s"])


def test_json_is_indented_with_a_trial_a_line(run_record: RunRecord) -> None:
    lines = export_run(run_record, "json").decode().splitlines()
    trials = [json.loads(line.rstrip(",")) for line in lines if '"kind":' in line]
    assert trials == [trial for result in as_json(run_record)["results"] for trial in result["trials"]]
    assert '  "version": 1,' in lines
    assert json.loads(export_run(replace(run_record, results=()), "json"))["results"] == []


def test_a_trials_number_that_is_none_is_not_known(run_record: RunRecord) -> None:
    first = run_record.results[0]
    odd = replace(first, trials=(replace(first.trials[0], wall_s=float("nan")), *first.trials[1:]))
    trials = as_json(replace(run_record, results=(odd,)))["results"][0]["trials"]
    assert trials[0]["wall_s"] is None
    assert trials[1]["wall_s"] == first.trials[1].wall_s


def test_json_lines_are_the_results_of_json(run_record: RunRecord) -> None:
    lines = [json.loads(line) for line in export_run(run_record, "jsonl").decode().splitlines()]
    assert [line.pop("version") for line in lines] == [1] * len(run_record.results)
    assert lines == as_json(run_record)["results"]


def test_the_flat_columns_begin_with_the_contracts() -> None:
    assert list(SCALARS[: len(FLAT.split())]) == FLAT.split()
    assert len(set(SCALARS)) == len(SCALARS)


def test_csv_is_the_same_figures_flattened(run_record: RunRecord) -> None:
    rows = as_csv(run_record)
    assert list(rows[0]) == list(SCALARS)
    for row, result in zip(rows, as_json(run_record)["results"], strict=True):
        for name in ("workers", "samples", "seed", "speedup", "wall_s.median", "wall_s.mad", "samples_per_s", "z"):
            value: Any = result
            for part in name.split("."):
                value = value[part]
            assert (float(row[name]) if row[name] else None) == value
        assert row["status"] == result["status"]
    assert rows[0]["gil_enabled"] == "true"
    assert rows[0]["start_method"] == ""
    assert rows[1]["losses.waiting"] == "1.0"


@pytest.mark.parametrize("message", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_csv_text_is_never_a_formula(run_record: RunRecord, message: str) -> None:
    failed = run_record.results[2]
    assert failed.error is not None
    named = replace(failed, case=replace(failed.case, kernel=message), error=replace(failed.error, message=message))
    (row,) = as_csv(replace(run_record, results=(named,)))
    assert row["error.message"] == row["kernel"] == f"'{message}"


def test_csv_leaves_negative_numbers_numbers(run_record: RunRecord) -> None:
    assert as_csv(run_record)[0]["z"] == "-0.24"


def test_csv_survives_quotes_and_lines(run_record: RunRecord) -> None:
    message = run_record.results[2].error
    assert message is not None
    assert as_csv(run_record)[2]["error.message"] == "'" + message.message


def test_markdown_has_a_readers_columns_and_none_that_is_empty(run_record: RunRecord) -> None:
    header, rule, *rows = export_run(run_record, "md").decode().splitlines()
    names = header.replace("\\", "").strip("| ").split(" | ")
    assert [name for name in READER_FIELDS if name in names] == names
    assert {"kernel", "mode", "workers", "wall_s.median", "speedup"} <= set(names)
    assert len(rows) == len(run_record.results)
    assert rule.count("---") == len(names)
    first = replace(run_record, results=run_record.results[:1])
    assert "error" not in export_run(first, "md").decode()


def test_full_markdown_is_one_row_per_result_whatever_a_message_contains(run_record: RunRecord) -> None:
    lines = export_run(run_record, "md", all_fields=True).decode().splitlines()
    assert len(lines) == 2 + len(run_record.results)
    for line in lines:
        assert line.replace("\\|", "").count("|") == len(SCALARS) + 1
    assert "wall\\_s.median" in lines[0]
    assert "\\<b\\>more\\</b\\>" in lines[4]


def test_a_format_that_is_none_is_refused(run_record: RunRecord) -> None:
    with pytest.raises(UsageError, match="unknown format 'xml'; use one of json, jsonl, csv, md"):
        export_run(run_record, "xml")  # type: ignore[arg-type]  # a person may type it


@pytest.mark.parametrize("format", FORMATS)
def test_a_run_is_written_and_nothing_beside_it(run_record: RunRecord, tmp_path: Path, format: Format) -> None:
    path = tmp_path / f"results{get_suffix(format)}"
    assert get_format(path) == format
    write_run(run_record, get_format(path), path, overwrite=False)
    assert path.read_bytes() == export_run(run_record, get_format(path))
    assert os.listdir(tmp_path) == [path.name]


def test_another_format_takes_the_place_of_the_suffix() -> None:
    assert replace_suffix(Path("a/run.2.json"), "pyperf") == Path("a/run.2.pyperf.json")
    assert replace_suffix(Path("a/run.pyperf.json"), "csv") == Path("a/run.csv")
    assert replace_suffix(Path("a/run.xls"), "csv") == Path("a/run.xls")


@pytest.mark.parametrize("name", ["results", "results.xls", ".json"])
def test_a_name_that_tells_no_format_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="has an unknown extension"):
        get_format(Path(name))


@pytest.mark.parametrize("format", ["json", "jsonl"])
def test_a_long_session_is_written_piece_by_piece(run_record: RunRecord, tmp_path: Path, format: Format) -> None:
    """The text of thousands of results is never in memory as a whole: what is taken stays taken, a thread's share each."""
    long = replace(run_record, results=run_record.results * 1000)
    path = tmp_path / f"long{get_suffix(format)}"
    write_run(run_record, format, path, overwrite=False)
    tracemalloc.start()
    try:
        write_run(long, format, path, overwrite=True)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < path.stat().st_size / 10
