"""Ctrl-C and its kin: the run stops, what is finished is printed, nothing stays behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from pi_tui.cli import treat_signals_as_interrupts
from pi_tui.cli.run_interrupt import RunInterrupt
from pi_tui.engine.interpreters.interpreter_probe import PROBE_TIMEOUT_S as PYTHONS_PATIENCE_S
from tests.cli.calling import COMMAND, PATIENCE_S

LONG = ("run", "python", "--mode", "threads,processes", "--workers", "2", "--samples", "1e9", "--force")


def mind_signals() -> None:
    """Whoever started the tests may ignore signals (nohup does), and the run would go on ignoring them."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@pytest.fixture
def long_run() -> Iterator[subprocess.Popen[str]]:
    """A run that takes many minutes, JSON lines on a pipe; its first line (a case that cannot run) is read already."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pi_tui", *LONG, "numba-nogil", "--gil", "off", "--format", "jsonl"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=mind_signals,
    )
    try:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["status"] == "unavailable"
        wait_until(lambda: len(psutil.Process(process.pid).children(recursive=True)) >= 2)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def wait_until(happened: object) -> None:
    deadline = time.monotonic() + PATIENCE_S
    assert callable(happened)
    while not happened():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)


def over(pid: int) -> bool:
    """Whether it has ended, buried or not: it is nobody's child any more."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_stops_the_run_and_keeps_what_is_finished(long_run: subprocess.Popen[str], name: str) -> None:
    family = psutil.Process(long_run.pid).children(recursive=True)
    long_run.send_signal(getattr(signal, name))
    out, told = long_run.communicate(timeout=PATIENCE_S)
    assert long_run.returncode == 130
    assert "pi-tui: the run was stopped" in told
    assert {json.loads(line)["status"] for line in out.splitlines()} <= {"stopped", "unavailable", "ok"}
    assert "stopped" in out
    _, alive = psutil.wait_procs(family, timeout=PATIENCE_S)
    assert not alive


def test_ctrl_c_does_not_wait_for_a_python_that_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mute, note = tmp_path / "bin" / "python3.12", tmp_path / "asked"
    mute.parent.mkdir()
    mute.write_text(f"#!/bin/sh\necho $$ > '{note}'\nexec sleep 600\n")
    mute.chmod(0o755)
    monkeypatch.setenv("PATH", str(mute.parent), prepend=os.pathsep)
    command = [*COMMAND, "pythons"]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=mind_signals
    ) as asking:
        wait_until(lambda: note.exists() and note.read_text().strip())
        assert asking.stderr is not None
        assert asking.stderr.readline() == b"pi-tui: waiting for a Python interpreter to answer, at most 60 s\n"
        asking.send_signal(signal.SIGINT)
        out, _ = asking.communicate(timeout=PYTHONS_PATIENCE_S / 2)
    assert (asking.returncode, out) == (130, b"")
    wait_until(lambda: over(int(note.read_text())))


def test_ctrl_c_is_the_exit_code_130_also_where_a_dataclass_is_being_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There CPython, left to itself, ends a `python -m` by the signal, though the interrupt was minded."""
    caught = "import sys, pi_tui.cli.entry_point as entry\nentry.command.main = lambda **_: exec('raise KeyboardInterrupt')\n"
    (tmp_path / "interrupted.py").write_text(caught + "import pi_tui.cli\npi_tui.cli.main([])")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert subprocess.run([sys.executable, "-m", "interrupted"]).returncode == 130


def test_a_closed_pipe_stops_the_run_without_a_word(long_run: subprocess.Popen[str]) -> None:
    family = psutil.Process(long_run.pid).children(recursive=True)
    assert long_run.stdout is not None
    long_run.stdout.close()
    long_run.send_signal(signal.SIGINT)  # something must be printed for the pipe to be noticed
    assert long_run.wait(PATIENCE_S) == 130
    assert long_run.stderr is not None
    assert "BrokenPipe" not in long_run.stderr.read()
    _, alive = psutil.wait_procs(family, timeout=PATIENCE_S)
    assert not alive


@pytest.mark.parametrize(
    "arguments", [("kernels",), ("--help",), ("run", "python", "--samples", "1k", "--repeat", "1")]
)
def test_a_reader_that_is_gone_causes_no_message(arguments: tuple[str, ...]) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    done = subprocess.run(
        [sys.executable, "-m", "pi_tui", *arguments], stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.PIPE
    )
    os.close(theirs)
    assert done.stderr == b""
    assert done.returncode == (0 if "run" in arguments else 1), "results are judged by what they are"


full_disk = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")


@full_disk
@pytest.mark.parametrize("arguments", [("kernels",), ("kernels", "--format", "json"), ("--help",), ("--version",)])
def test_a_full_disk_is_one_sentence(arguments: tuple[str, ...]) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run([*COMMAND, *arguments], stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (1, b"pi-tui: cannot write standard output: no space left on device\n")


@full_disk
@pytest.mark.parametrize("format", ["json", "jsonl", "table"])
def test_results_that_cannot_be_printed_are_in_the_history(format: str, tmp_path: Path) -> None:
    environment = os.environ | {"PI_TUI_HOME": str(tmp_path)}
    run = (*COMMAND, "run", "python", "--mode", "sequential", "--samples", "1k", "--repeat", "1", "--format", format)
    with open("/dev/full", "wb") as full:
        done = subprocess.run(run, stdout=full, stderr=subprocess.PIPE, text=True, env=environment)
    assert done.returncode == 1
    assert done.stderr.startswith("pi-tui: cannot write standard output: no space left on device")
    assert len(done.stderr.splitlines()) == 1
    assert "in the history: pi-tui log show 1" in done.stderr
    shown = subprocess.run([*COMMAND, "log", "show", "1"], capture_output=True, text=True, env=environment)
    assert [len(result["trials"]) for result in json.loads(shown.stdout)["results"]] == [2]


@full_disk
def test_complaints_that_cannot_be_written_change_no_exit_code() -> None:
    with open("/dev/full", "wb") as full:
        assert subprocess.run([*COMMAND, "run", "pythn"], stderr=full, check=False).returncode == 2


def test_a_terminal_that_is_gone_costs_no_results(tmp_path: Path) -> None:
    """It was only for the progress; the hang-up is not for a process that is not of its session."""
    ours, theirs = os.openpty()
    path = tmp_path / "results.json"
    run = (*COMMAND, "run", "python", "--samples", "1M", "--repeat", "2", "--output", str(path))
    process = subprocess.Popen(run, stdin=subprocess.DEVNULL, stderr=theirs, start_new_session=True)
    os.close(theirs)
    assert os.read(ours, 1)
    os.close(ours)
    assert process.wait(PATIENCE_S) == 0
    assert [result["status"] for result in json.loads(path.read_text())["results"]] == ["ok", "ok"]


def test_a_folder_that_is_gone_is_one_sentence(tmp_path: Path) -> None:
    command = f'mkdir gone && cd gone && rmdir "$PWD" && exec "{sys.executable}" -m pi_tui run python'
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "pi-tui: the current folder no longer exists: change to another one\n"


def test_closed_streams_are_borne(tmp_path: Path) -> None:
    measure = "run python --mode sequential --samples 1e3 --repeat 1"
    command = f"{sys.executable} -m pi_tui {measure} --output '{tmp_path}/results.json' <&- >&- 2>&-"
    assert subprocess.run(["sh", "-c", command], check=False).returncode == 0
    assert json.loads((tmp_path / "results.json").read_text())["results"]


def test_where_standard_output_is_closed_results_that_belong_there_are_missed() -> None:
    done = subprocess.run(["sh", "-c", f"{sys.executable} -m pi_tui kernels >&-"], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == "pi-tui: cannot write standard output: bad file descriptor\n"


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_before_a_command_minds_signals_they_are_what_ctrl_c_is(name: str) -> None:
    number = getattr(signal, name)
    before = signal.signal(number, signal.SIG_DFL)
    try:
        with treat_signals_as_interrupts(), pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
        assert signal.getsignal(number) is signal.SIG_DFL
        signal.signal(number, signal.SIG_IGN)  # as nohup does
        with treat_signals_as_interrupts():
            signal.raise_signal(number)
        assert signal.getsignal(number) is signal.SIG_IGN
    finally:
        signal.signal(number, before)


def test_a_reader_that_does_not_read_is_given_up_after_the_timeout() -> None:
    ours, theirs = os.pipe()

    def tell_for_ever() -> None:
        with RunInterrupt(lambda: None, output_timeout_s=0.1) as interrupt:
            signal.raise_signal(signal.SIGTERM)
            interrupt.begin_output()
            while True:  # nobody reads: it stands still once the pipe is full
                os.write(theirs, bytes(65536))

    try:
        with pytest.raises(KeyboardInterrupt):
            tell_for_ever()
    finally:
        os.close(ours)
        os.close(theirs)


def test_the_first_signal_stops_and_the_second_breaks_off() -> None:
    stopped = threading.Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    with RunInterrupt(stopped.set) as interrupt:
        assert not interrupt.requested
        signal.raise_signal(signal.SIGTERM)
        assert interrupt.requested
        assert stopped.wait(PATIENCE_S)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert {number: signal.getsignal(number) for number in before} == before


def test_nothing_is_stopped_where_there_was_no_signal() -> None:
    stopped = threading.Event()
    with RunInterrupt(stopped.set):
        pass
    assert not stopped.is_set()


def test_a_signal_that_was_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with RunInterrupt(lambda: None) as interrupt:
            signal.raise_signal(signal.SIGHUP)
            assert not interrupt.requested
    finally:
        signal.signal(signal.SIGHUP, before)
