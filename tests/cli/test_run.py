"""Real runs, small ones, as a person or a script starts them."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pi_tui.cli import main, output
from pi_tui.engine.errors import LogError
from pi_tui.observe.meters.lane_record import decode_runs
from tests.cli.calling import PATIENCE_S, Call

SMALL = ("--samples", "20k", "--repeat", "2", "--workers", "2")
PARTS = ("startup_s", "running_s", "queued_s", "waiting_s", "between_s", "idle_s")


def results_of(text: str) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = json.loads(text)["results"]
    return results


@pytest.mark.parametrize("format", ["jsonl", "table"])
def test_a_file_whose_name_is_not_utf_8_is_run_and_reported(call: Call, tmp_path: Path, format: str) -> None:
    odd = tmp_path / "w\udcff.py"
    try:
        odd.write_text("def func(n):\n    return n\n")
    except OSError:
        pytest.skip("this file system has no such names")
    results = tmp_path / "results"
    for kept in ([], ["--output", str(results)]):
        small = ("--mode", "sequential", "--samples", "10", "--repeat", "1", "--format", format)
        done = call("run", f"{odd}:func", *small, *kept)
        assert (done.returncode, done.stderr) == (0, "")
        assert "func" in (results.read_text() if kept else done.stdout)


def test_json_is_the_default_without_a_terminal_and_all_there_is(call: Any) -> None:
    done = call("run", "python", "--mode", "threads", *SMALL, "--seed", "5")
    assert (done.returncode, done.stderr) == (0, "")
    baseline, threads = results_of(done.stdout)
    assert (baseline["baseline"], baseline["mode"], baseline["tasks"]) == (True, "sequential", 1)
    assert (threads["baseline"], threads["mode"], threads["workers"], threads["seed"]) == (False, "threads", 2, 5)
    for result in (baseline, threads):
        assert result["status"] == "ok"
        assert result["samples"] == 20_000
        assert [trial["kind"] for trial in result["trials"]] == ["warmup", "measured", "measured"]
        assert result["wall_s"]["min"] <= result["wall_s"]["median"] <= result["wall_s"]["max"]
        assert abs(result["z"]) < 5
        for trial in result["trials"]:
            for worker in trial["workers"]:
                known = [worker[part] for part in PARTS if worker[part] is not None]
                assert sum(known) == pytest.approx(trial["wall_s"], rel=0.01)


def test_a_seed_gives_the_same_hits_again(call: Any) -> None:
    once, again, other = (
        [
            trial["results"]
            for result in results_of(call("run", "numba-nogil", *SMALL, "--seed", seed).stdout)
            for trial in result["trials"]
        ]
        for seed in ("1", "1", "2")
    )
    assert once == again != other


def test_repeated_options_and_commas_are_the_same(call: Any) -> None:
    commas = call("run", "python,numpy", "--mode", "sequential,threads", "--samples", "1k,2k", "--repeat", "1")
    apart = call(
        *("run", "python", "numpy", "--mode", "sequential", "--mode", "threads"),
        *("--samples", "1k", "--samples", "2e3", "--repeat", "1"),
    )
    cases = [
        [(result["kernel"], result["mode"], result["samples"]) for result in results_of(done.stdout)]
        for done in (commas, apart)
    ]
    assert cases[0] == cases[1]
    assert len(set(cases[0])) == 8


@pytest.mark.parametrize("format", ["table", "csv", "json", "jsonl", "md"])
def test_every_format_on_standard_output_and_in_a_file(call: Any, tmp_path: Path, format: str) -> None:
    printed = call("run", "python", *SMALL, "--seed", "5", "--format", format)
    path = tmp_path / "results.any"
    written = call("run", "python", *SMALL, "--seed", "5", "--format", format, "--output", str(path))
    assert (printed.returncode, written.returncode, written.stdout) == (0, 0, "")
    for text in (printed.stdout, path.read_text()):
        assert "sequential" in text
        assert "threads" in text
        if format == "csv":
            assert len(list(csv.DictReader(io.StringIO(text, newline="")))) == 2
        elif format == "jsonl":
            assert [json.loads(line)["mode"] for line in text.splitlines()] == ["sequential", "threads"]
    assert os.listdir(tmp_path) == ["results.any"]


@pytest.mark.parametrize("suffix", ["json", "csv", "md", "jsonl", "txt"])
def test_the_format_goes_by_the_suffix(call: Any, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"results.{suffix}"
    path.write_text("an older run")
    assert call("run", "python", "--samples", "1k", "--repeat", "1", "-o", str(path)).returncode == 0
    begins = {"json": "{\n", "csv": "kernel,mode,", "md": "| kernel | mode |", "jsonl": '{"version":1', "txt": "Python"}
    assert path.read_text().startswith(begins[suffix])


def test_markdown_has_every_column_of_csv_where_all_fields_are_asked_for(call: Any) -> None:
    once = ("--samples", "1k", "--repeat", "1", "--warmup", "0", "--no-history")
    short = call("run", "python", *once, "--format", "md").stdout.splitlines()[0]
    full = call("run", "python", *once, "--format", "md", "--all-fields").stdout.splitlines()[0]
    columns = call("run", "python", *once, "--format", "csv").stdout.splitlines()[0].split(",")
    assert full.replace("\\", "").strip("| ").split(" | ") == columns
    assert "start" not in short, "no row has a start method"
    refused = call("run", "python", *once, "--format", "csv", "--all-fields")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == "pi-tui: --all-fields is only for --format md, and the format is csv\n"


def test_a_file_with_a_syntax_error_is_refused_before_anything_runs(call: Any, tmp_path: Path) -> None:
    path = tmp_path / "wrong.py"
    path.write_text("def func(n):\n    return n +\n")
    done = call("run", "python", f"{path}:func", "--samples", "1k", "--repeat", "1")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "pi-tui: wrong.py cannot be parsed: line 2: invalid syntax\n"


def test_a_syntax_error_is_left_to_the_interpreter_that_is_asked_for(call: Any, tmp_path: Path) -> None:
    path = tmp_path / "wrong.py"
    path.write_text("def func(n):\n    return n +\n")
    done = call("run", f"{path}:func", "--samples", "1k", "--repeat", "1", "--python", sys.executable)
    assert done.returncode == 1
    assert "wrong.py:2: SyntaxError: invalid syntax" in done.stderr


@pytest.mark.parametrize("format", ["table", "md"])
def test_explain_shows_where_the_speed_up_was_lost(call: Any, format: str) -> None:
    done = call("run", "python", "--mode", "threads", *SMALL, "--explain", "--format", format)
    assert (done.returncode, done.stderr) == (0, "")
    _, _, explained = done.stdout.partition("Where did the speed-up go?")
    assert "\npython · threads · 2 workers\n" in explained
    assert all(f" {term} " in explained for term in ("speed-up", "startup", "queued", "waiting", "GIL", "lock", "I/O"))
    assert " =  workers      2.00\n" in explained
    assert explained.count("sequential") == 0, "a baseline has nothing to explain"


def test_json_always_has_the_losses(call: Any) -> None:
    done = call("run", "python", "--mode", "threads", *SMALL)
    (losses,) = [result["losses"] for result in results_of(done.stdout) if not result["baseline"]]
    terms = [losses[name] for name in ("startup", "queued", "waiting", "between", "extra", "imbalance", "collect")]
    assert losses["speedup"] + sum(term or 0.0 for term in terms) == pytest.approx(2)
    waits = [losses[name] for name in ("gil_wait", "lock_wait", "io_wait")]
    assert waits == [None] * 3 or sum(waits) == pytest.approx(losses["waiting"])


def lanes_of(call: Any, path: Path, samples: str) -> tuple[Any, list[Any], dict[Any, Any]]:
    """A run with its lanes: what stands below their file's heading, and what the run told of its trials."""
    done = call("run", "python", "--mode", "threads", *SMALL, "--samples", samples, "--lanes", str(path))
    assert done.returncode == 0
    head, *lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert head["letters"]["G"] == "gil"
    told = {
        (result["mode"], result["samples"], trial["kind"], trial["number"]): trial
        for result in results_of(done.stdout)
        for trial in result["trials"]
    }
    return done, lines, told


def all_looked_at(lines: list[Any], told: dict[Any, Any], samples: int) -> bool:
    """Whether the observer found the time to tell of each trial, and to look at each that was not over at once."""
    trials = [line for line in lines if "kernel" in line]
    ran = {line["trial"] for line in lines if "R" in line.get("runs", "")}
    long = [line for line in trials if line["samples"] == samples]
    return len(trials) == len(told) and all(line["made"] > 0 and line["trial"] in ran for line in long)


def test_lanes_are_kept_for_every_trial(call: Any, tmp_path: Path) -> None:
    path = tmp_path / "lanes.jsonl"
    # An observer that has to queue for a core finds more time to look in longer trials.
    for samples in (200_000, 1_000_000, 5_000_000):
        done, lines, told = lanes_of(call, path, str(samples))
        if all_looked_at(lines, told, samples):
            break
    trials = [line for line in lines if "kernel" in line]
    if not trials:
        assert "no lanes were seen" in done.stderr
        pytest.skip("this system shows no lanes")
    assert done.stderr == ""
    assert [(line["mode"], line["samples"], line["kind"], line["number"]) for line in trials] == sorted(
        told, key=lambda key: told[key]["started_at"]
    )
    for trial in trials:
        workers = [line for line in lines if "runs" in line and line["trial"] == trial["trial"]]
        ledger = told[trial["mode"], trial["samples"], trial["kind"], trial["number"]]["workers"]
        assert {(worker["pid"], worker["tid"]) for worker in workers} <= {(one["pid"], one["tid"]) for one in ledger}
        ticks = {len(decode_runs(worker["runs"])) for worker in workers}
        assert len(ticks) == 1
        if trial["samples"] == samples:  # the short ones may be over before the first look
            assert trial["made"] > 0
            assert "R" in "".join(worker["runs"] for worker in workers)


def test_lanes_are_looked_at_as_often_as_was_asked(call: Any, tmp_path: Path) -> None:
    path = tmp_path / "lanes.jsonl"
    done = call("run", "python", "--mode", "threads", *SMALL, "--lanes-hz", "125", "--lanes", str(path))
    assert done.returncode == 0
    periods = {line["period_ns"] for line in map(json.loads, path.read_text().splitlines()) if "period_ns" in line}
    assert periods <= {8_000_000}
    assert periods or "no lanes were seen" in done.stderr


def test_what_cannot_run_says_why_and_the_rest_runs(call: Any) -> None:
    done = call("run", "python", "numba", "--gil", "off", "--mode", "threads", *SMALL, "--format", "json")
    assert done.returncode == 1
    by_kernel = {result["kernel"]: result for result in results_of(done.stdout) if not result["baseline"]}
    assert by_kernel["python"]["status"] == "unavailable"
    assert "free-threaded" in by_kernel["python"]["error"]["message"]
    assert by_kernel["python"]["wall_s"]["median"] is None
    assert by_kernel["numba-nogil"]["status"] == "ok"
    assert done.stderr.startswith("pi-tui: python threads")


def test_a_trial_that_takes_too_long_is_a_failed_row(call: Any) -> None:
    for limit in ("1", "5", "25"):  # a machine that is busy at the wrong moment makes a short trial too long as well
        done = call(
            *("run", "python", "--mode", "sequential,threads", "--workers", "2", "--samples", "2k,1e9"),
            *("--repeat", "1", "--warmup", "0", "--timeout", limit),
        )
        assert done.returncode == 1
        result = {(result["mode"], result["samples"]): result for result in results_of(done.stdout)}
        long = [result["sequential", 10**9], result["threads", 10**9]]
        assert [each["status"] for each in long] == ["failed"] * 2
        assert [each["error"]["type"] for each in long] == ["TimeOut"] * 2
        short = [result["sequential", 2000], result["threads", 2000]]
        late = [each for each in short if each["status"] != "ok"]
        if not late:
            return
        assert {each["error"]["type"] for each in late} == {"TimeOut"}
    raise AssertionError(late)


def on_terminal(*arguments: str) -> tuple[str, str]:
    """Standard output and standard error of a run whose two streams are terminals of their own."""
    ends = [pty.openpty() for _ in range(2)]
    process = subprocess.Popen(
        [sys.executable, "-m", "pi_tui", *arguments], stdin=subprocess.DEVNULL, stdout=ends[0][1], stderr=ends[1][1],
        env={**os.environ, "COLUMNS": "80"},
    )  # fmt: skip
    for _, theirs in ends:
        os.close(theirs)
    texts = [drain(ours) for ours, _ in ends]
    assert process.wait(PATIENCE_S) == 0
    return texts[0], texts[1]


def drain(descriptor: int) -> str:
    """Everything that is written to a terminal until its other end is closed."""
    data = b""
    while True:
        try:
            more = os.read(descriptor, 65536)
        except OSError:  # how Linux tells that nobody has the other end any more
            more = b""
        if not more:
            os.close(descriptor)
            return data.decode()
        data += more


def test_on_a_terminal_there_is_a_table_and_a_line_of_progress() -> None:
    out, error = on_terminal("run", "python", "--mode", "threads", *SMALL)
    assert "speed-up" in out
    assert all(len(line) <= 80 for line in out.splitlines())
    assert "trial 0/6" in error
    assert "trial 6/6" in error
    assert "100%" in error
    assert error.endswith("\r\x1b[K"), "the line is taken away again"
    assert "\n" not in error


def test_results_are_printed_where_the_file_cannot_be_written_after_all(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise LogError("cannot write it: no space left on device")

    monkeypatch.setattr(output, "write_file", full)
    path = tmp_path / "results.json"
    with pytest.raises(SystemExit) as exit_:
        main(["run", "python", "--samples", "1k", "--repeat", "1", "--output", str(path)])
    out, error = capfd.readouterr()
    assert exit_.value.code == 1
    assert [result["status"] for result in results_of(out)] == ["ok", "ok"]
    assert error == "pi-tui: cannot write it: no space left on device; the results are on standard output\n"


@pytest.mark.parametrize(
    ("option", "value", "mode", "concerns"),
    [
        ("--chunksize", "2", "threads", "pool-map"),
        ("--transport", "pipe", "pool-map", "processes"),
        ("--start-method", "fork", "sequential", "threads,pool-apply"),
    ],
)
def test_an_option_without_effect_is_reported(call: Call, option: str, value: str, mode: str, concerns: str) -> None:
    quick = ("run", "python", "--samples", "1000", "--repeat", "1", "--warmup", "0", "--format", "csv", option, value)
    idle = call(*quick, "--mode", mode)
    assert idle.returncode == 0
    assert f"pi-tui: {option} is only for " in idle.stderr
    assert option not in call(*quick, "--mode", concerns).stderr
