"""`pi-tui watch` as a person calls it, without a screen."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import psutil
import pytest

from tests.cli.calling import COMMAND, PATIENCE_S, Call

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="watching needs Linux")

# Both programs end once they had so much of a processor: what others take of it makes them last longer, not shorter.
TURNS = """
import threading, time
def work():
    while time.process_time() < 2:
        for _ in range(10000): pass
threads = [threading.Thread(target=work) for _ in range(2)]
[t.start() for t in threads]; [t.join() for t in threads]
"""
INTERPRETERS = """
import threading
from concurrent import interpreters
code = '''
import threading, time
def work():
    while time.process_time() < 5:
        for _ in range(10000): pass
threads = [threading.Thread(target=work, name="{}-" + str(number)) for number in range(2)]
[t.start() for t in threads]; [t.join() for t in threads]
'''
hosts = [threading.Thread(target=interpreters.create().exec, args=(code.format(name),)) for name in ("red", "blue")]
[t.start() for t in hosts]; [t.join() for t in hosts]
"""
TRIES = 4
"""A watcher that has to queue for a core may miss what it was to see; four times running it does not."""

_marks = count(1)


@pytest.fixture
def mark() -> Iterator[str]:
    """Seconds to sleep that no other process on this machine sleeps: they tell whose process it is."""
    mark = f"3751.{os.getpid():08d}{next(_marks):04d}"
    yield mark
    for process in carrying(mark):
        with suppress(psutil.NoSuchProcess):
            process.kill()


def lines(text: str) -> list[dict]:  # type: ignore[type-arg]
    return [json.loads(line) for line in text.splitlines()]


def watched(call: Call, python: str, program: str) -> tuple[list[dict], dict]:  # type: ignore[type-arg]
    """The readings and the summary of one watch of a program that goes well."""
    done = call("watch", "--format", "jsonl", "--every", "0.5", "--", python, "-c", program)
    assert done.returncode == 0, done.stderr
    *readings, summary = lines(done.stdout)
    assert {reading["kind"] for reading in readings} <= {"reading"}
    assert summary["kind"] == "summary"
    assert summary["pi_tui_watch"] == 1
    assert summary["certainty"] == "system call"
    return readings, summary


def took_turns(total: dict[str, float | None]) -> bool:
    """Whether a thread waited for the GIL a good part of the time that it was not queued, and hardly for any other lock."""
    gil, lock, awake = total["gil_wait_s"], total["lock_wait_s"], (total["running_s"] or 0) + (total["waiting_s"] or 0)
    return gil is not None and lock is not None and gil > 0.25 * awake and lock < 0.05 * awake


def test_two_threads_of_python_take_turns(call: Call) -> None:
    for _ in range(TRIES):
        readings, summary = watched(call, sys.executable, TURNS)
        workers = [
            each for each in summary["threads"] if each["tid"] != each["pid"] and each["total"]["running_s"] > 0.1
        ]
        if len(workers) < 2:
            continue
        runs = [each["runs"] for reading in readings for each in reading["threads"] if each["waits_at"] == "GIL"]
        if not all(took_turns(worker["total"]) for worker in workers) or not any("R" in r and "G" in r for r in runs):
            continue
        said = [verdict["code"] for verdict in summary["verdict"]]
        waited = max(worker["total"]["gil_wait_share"] for worker in workers)
        if waited < 0.06:  # they were queued for nearly all of the time
            assert "shared-cores" in said, summary["verdict"]
        else:
            assert said[0] in ("gil-turns", "gil-convoy"), summary["verdict"]
        return
    raise AssertionError(summary)


def test_further_interpreters_have_gils_of_their_own(call: Call) -> None:
    python = os.environ.get("PI_TUI_PYTHON_3_14")
    if not python:
        pytest.skip("Python 3.14 was not prepared (PI_TUI_PYTHON_3_14)")
    for _ in range(TRIES):
        _, summary = watched(call, python, INTERPRETERS)
        workers = [each for each in summary["threads"] if (each["python_name"] or "").startswith(("red-", "blue-"))]
        if len(workers) < 4:  # names and Python are asked for now and then, and who asked had no core meanwhile
            continue
        (process,) = summary["processes"]
        assert process["python"] == "3.14"
        if process["gil"] == "known" and all(told_from_a_lock(worker["total"]) for worker in workers):
            return
    assert len(workers) == 4, summary
    queued = min(each["total"]["queued_share"] for each in workers)
    if queued > 0.4:  # a waiter is known by being woken every 5 ms: here it was not
        pytest.skip(f"other programs have the cores: each of the threads was queued {queued:.0%} of the time or more")
    raise AssertionError(summary)


def told_from_a_lock(total: dict[str, float | None]) -> bool:
    gil, lock, queued, wall = (total[f"{part}_s"] for part in ("gil_wait", "lock_wait", "queued", "wall"))
    if gil is None or lock is None or queued is None or wall is None:
        return False
    return gil > 0.05 * (wall - queued) and gil > 4 * lock


def test_a_sleep_is_nothing_wrong(call: Call) -> None:
    # Who has to queue for a core before it can sleep is told so, where that took a good part of the time.
    for seconds in ("0.5", "5", "40"):
        done = call("watch", "--format", "table", "--", "sleep", seconds)
        assert done.returncode == 0
        if "Nothing is wrong." in done.stdout:
            return
        assert "queued for a core" in done.stdout
    raise AssertionError(done.stdout)


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


def test_processes_that_outlive_the_program_are_ended_and_reported(call: Call, mark: str) -> None:
    done = call("watch", "--format", "jsonl", "--", "sh", "-c", f"setsid sleep {mark} & sleep 0.5; exit 5")
    assert done.returncode == 5
    assert lines(done.stdout)[-1]["outlived"] == 1
    assert not carrying(mark)


def test_a_duration_ends_the_command(call: Call, mark: str) -> None:
    done = call("watch", "--format", "jsonl", "--duration", "0.5", "--", "sleep", mark)
    assert done.returncode == 0
    assert lines(done.stdout)[-1]["why"] == "stopped"
    assert not carrying(mark)


def test_a_running_process_is_watched_and_left_as_it_is(call: Call, mark: str) -> None:
    with subprocess.Popen(["sleep", mark]) as process:
        try:
            for duration in ("3", "10", "30"):  # it counts from the beginning, and the watcher has to come up within it
                done = call("watch", "--format", "jsonl", "--duration", duration, str(process.pid))
                assert done.returncode == 0
                threads = lines(done.stdout)[-1]["threads"]
                assert process.poll() is None
                if threads:
                    break
            (thread,) = threads
            assert thread["pid"] == process.pid
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_when_pi_tui_is_interrupted_or_killed(number: signal.Signals, mark: str) -> None:
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
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("abc",), "'abc' is not a process id"),
        (("0",), "'0' is not a process id"),
        (("4194305",), "there is no process 4194305."),
        ((), "give one process id, or a command after two dashes"),
        (("1", "2"), "give one process id, or a command after two dashes"),
        (("--",), "no command was given"),
        (("--", "no-such-command-anywhere"), "there is no command 'no-such-command-anywhere'."),
        (("--", "/etc/passwd"), "may not be run: permission denied"),
        (("--duration", "nan", "1"), "--duration: nan is out of range"),
        (("--every", "0", "1"), "--every: 0 is out of range"),
        (("--output", "/nowhere/x", "--", "true"), "no such file or directory"),
        (("--output", "/tmp/x", str(os.getppid())), "the output of a running process cannot be captured"),
    ],
)
def test_invalid_arguments_are_refused_in_a_sentence(call: Call, arguments: tuple[str, ...], sentence: str) -> None:
    done = call("watch", *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1


def carrying(argument: str) -> list[psutil.Process]:
    """Processes with this argument."""
    return [process for process in psutil.process_iter(["cmdline"]) if argument in (process.info["cmdline"] or ())]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
@pytest.mark.parametrize("format", ["table", "jsonl"])
@pytest.mark.parametrize("program", ["sleep 0.3", "sleep 0.3; exit 7"])
def test_results_that_cannot_be_printed_are_a_sentence_and_exit_code_1(format: str, program: str) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*COMMAND, "watch", "--format", format, "--", "sh", "-c", program], stdout=full, stderr=subprocess.PIPE
        )
    assert (done.returncode, done.stderr) == (1, b"pi-tui: cannot write standard output: no space left on device\n")


def test_what_the_command_prints_is_passed_on_as_it_is() -> None:
    hostile = b"\x1b]0;X\x07\x1b[31m\xe2\x80\xae"
    printing = f"import os; os.write(1, {hostile!r}); os.write(2, {hostile!r})"
    done = subprocess.run(
        [*COMMAND, "watch", "--format", "table", "--", sys.executable, "-c", printing], capture_output=True, check=True
    )
    assert done.stderr.count(hostile) == 2
    results = done.stdout.replace(b"\n", b"")
    assert not any(byte < 32 or byte == 127 for byte in results), "the results hold no control characters"
