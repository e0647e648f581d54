"""`pi-tui watch` as a person calls it, without a screen."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from calling import COMMAND, Call

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="watching needs Linux")

TURNS = """
import threading, time
def work(end=time.monotonic() + 2):
    while time.monotonic() < end:
        for _ in range(10000): pass
threads = [threading.Thread(target=work) for _ in range(2)]
[t.start() for t in threads]; [t.join() for t in threads]
"""
INTERPRETERS = """
import threading
from concurrent import interpreters
code = '''
import threading, time
def work(end=time.monotonic() + 3):
    while time.monotonic() < end:
        for _ in range(10000): pass
threads = [threading.Thread(target=work, name="{}-" + str(number)) for number in range(2)]
[t.start() for t in threads]; [t.join() for t in threads]
'''
hosts = [threading.Thread(target=interpreters.create().exec, args=(code.format(name),)) for name in ("red", "blue")]
[t.start() for t in hosts]; [t.join() for t in hosts]
"""
PATIENCE_S = 30.0


def lines(text: str) -> list[dict]:  # type: ignore[type-arg]
    return [json.loads(line) for line in text.splitlines()]


def test_two_threads_of_python_take_turns(call: Call) -> None:
    done = call("watch", "--format", "jsonl", "--every", "0.5", "--", sys.executable, "-c", TURNS)
    assert done.returncode == 0, done.stderr
    *readings, summary = lines(done.stdout)
    assert {reading["kind"] for reading in readings} == {"reading"}
    assert summary["kind"] == "summary"
    assert summary["pi_tui_watch"] == 1
    assert summary["certainty"] == "system call"
    workers = [each for each in summary["threads"] if each["tid"] != each["pid"] and each["total"]["running_s"] > 0.1]
    assert len(workers) == 2
    for total in (worker["total"] for worker in workers):
        assert total["gil_wait_s"] > 0.25 * (total["running_s"] + total["waiting_s"])  # whatever it was queued
        assert total["lock_wait_share"] < 0.05
    assert summary["verdict"][0]["code"] in ("gil-turns", "gil-convoy")
    runs = [each["runs"] for reading in readings for each in reading["threads"] if each["waits_at"] == "GIL"]
    assert any("R" in run and "G" in run for run in runs)


def test_further_interpreters_have_gils_of_their_own(call: Call) -> None:
    python = os.environ.get("PI_TUI_PYTHON_3_14")
    if not python:
        pytest.skip("Python 3.14 was not prepared (PI_TUI_PYTHON_3_14)")
    done = call("watch", "--format", "jsonl", "--", python, "-c", INTERPRETERS)
    assert done.returncode == 0, done.stderr
    summary = lines(done.stdout)[-1]
    workers = [each for each in summary["threads"] if (each["python_name"] or "").startswith(("red-", "blue-"))]
    assert len(workers) == 4
    for worker in workers:
        total = worker["total"]
        assert total["gil_wait_s"] > 0.05 * total["wall_s"]
        assert total["gil_wait_s"] > 4 * total["lock_wait_s"]
    (process,) = summary["processes"]
    assert (process["python"], process["gil"]) == ("3.14", "known")


def test_a_sleep_is_nothing_wrong(call: Call) -> None:
    done = call("watch", "--format", "table", "--", "sleep", "0.5")
    assert done.returncode == 0
    assert "Nothing is wrong." in done.stdout


@pytest.mark.parametrize(("script", "code"), [("exit 7", 7), ("kill -9 $$", 137), ("kill -TERM $$", 143)])
def test_the_exit_code_is_forwarded(call: Call, script: str, code: int) -> None:
    done = call("watch", "--format", "jsonl", "--", "sh", "-c", f"sleep 0.2; {script}")
    assert done.returncode == code
    assert lines(done.stdout)[-1]["exit_code"] == code


def test_what_the_command_prints_never_mixes_with_results(call: Call, tmp_path: Path) -> None:
    done = call("watch", "--format", "jsonl", "--", "sh", "-c", "echo hel''lo; echo bad >&2")
    assert "hello" not in done.stdout
    assert "hello" in done.stderr
    kept = tmp_path / "out"
    done = call("watch", "--format", "jsonl", "--output", str(kept), "--", "sh", "-c", "echo hel''lo; echo bad >&2")
    assert kept.read_text() == "hello\nbad\n"
    assert done.stderr == ""


def test_what_outlives_the_program_is_ended_and_told(call: Call) -> None:
    done = call("watch", "--format", "jsonl", "--", "sh", "-c", "setsid sleep 3751 & sleep 0.5; exit 5")
    assert done.returncode == 5
    assert lines(done.stdout)[-1]["outlived"] == 1
    assert not carrying("3751")


def test_a_duration_ends_the_command(call: Call) -> None:
    done = call("watch", "--format", "jsonl", "--duration", "0.5", "--", "sleep", "3752")
    assert done.returncode == 0
    assert lines(done.stdout)[-1]["why"] == "stopped"
    assert not carrying("3752")


def test_a_running_process_is_watched_and_left_as_it_is(call: Call) -> None:
    with subprocess.Popen(["sleep", "3753"]) as process:
        try:
            done = call("watch", "--format", "jsonl", "--duration", "3", str(process.pid))
            assert done.returncode == 0
            (thread,) = lines(done.stdout)[-1]["threads"]
            assert thread["pid"] == process.pid
            assert process.poll() is None
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_when_pi_tui_is_interrupted_or_killed(number: signal.Signals) -> None:
    mark = f"375{int(number)}"
    command = [*COMMAND, "watch", "--format", "jsonl", "--every", "0.2", "--", "sleep", mark]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        process.send_signal(number)
        process.stdout.read()
        assert process.wait(PATIENCE_S) == (130 if number == signal.SIGINT else -9)
    deadline = time.monotonic() + PATIENCE_S
    while carrying(mark):
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("abc",), "'abc' is no process id"),
        (("0",), "'0' is no process id"),
        (("4194305",), "there is no process 4194305."),
        ((), "one process id, or a command behind two dashes"),
        (("1", "2"), "one process id, or a command behind two dashes"),
        (("--",), "no command was given"),
        (("--", "no-such-command-anywhere"), "there is no command 'no-such-command-anywhere'."),
        (("--", "/etc/passwd"), "may not be run: permission denied"),
        (("--duration", "nan", "1"), "--duration: nan s means nothing"),
        (("--every", "0", "1"), "--every: 0 s means nothing"),
        (("--output", "/nowhere/x", "--", "true"), "no such file or directory"),
        (("--output", "/tmp/x", str(os.getppid())), "what a running process prints cannot be had"),
    ],
)
def test_what_means_nothing_is_refused_in_a_sentence(call: Call, arguments: tuple[str, ...], sentence: str) -> None:
    done = call("watch", *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1


def carrying(argument: str) -> list[psutil.Process]:
    """Processes with this argument."""
    return [process for process in psutil.process_iter(["cmdline"]) if argument in (process.info["cmdline"] or ())]
