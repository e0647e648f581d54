"""Users' functions as kernels: in every mode, and with everything that can go wrong."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pi_tui.analysis.results import Result
from pi_tui.engine.laboratory import Laboratory
from pi_tui.engine.paths import Paths
from pi_tui.engine.run.events import KernelPrepared, LanesMoved, RunFinished
from pi_tui.engine.run.request import RunRequest
from pi_tui.host.modes.catalog import MODES, TRANSPORTS
from pi_tui.observe.meters.machine import read_machine
from pi_tui.observe.proc.process_tree import RUN_ID_VARIABLE
from tests.contract.busy_machine import TRIES

FOLDER = Path(__file__).parents[1] / "kernels"
WORK = FOLDER / "user_work.py"
SOME_MODES = ("sequential", "threads", "processes", "pool-map", "process-pool")
EVERY_MODE = tuple(name for name, mode in MODES.items() if mode.made_of != "interpreters")
PATIENCE_S = 20.0
"""How long a killed process may take to disappear on a busy machine."""

OTHER_PYTHONS = {"3.14": "PI_TUI_PYTHON_3_14", "3.15": "PI_TUI_PYTHON_3_15", "3.14t": "PI_TUI_PYTHON_3_14T"}


@pytest.fixture
def laboratory() -> Iterator[Laboratory]:
    laboratory = Laboratory(read_machine(), Paths.from_environment(os.environ))
    yield laboratory
    laboratory.close()
    deadline = time.monotonic() + PATIENCE_S
    while (left := list_run_processes()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not left, "a process of a run is still running"


def list_run_processes() -> list[str]:
    """List the processes that a host of this test process started and that are still running."""
    found = []
    for folder in Path("/proc").glob("[1-9]*"):
        try:
            environment = (folder / "environ").read_bytes()
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        home = f"PI_TUI_HOME={os.environ['PI_TUI_HOME']}".encode()
        if RUN_ID_VARIABLE.encode() in environment and home in environment and stat[0] != "Z":
            found.append(folder.name)
    return found


def run(laboratory: Laboratory, kernel: str, **asked: object) -> tuple[Result, ...]:
    request = {"modes": ("threads",), "workers": (2,), "samples": (2000,), "repeat": 1, "warmup": 0, "seed": 7, **asked}
    *_, last = laboratory.run(laboratory.plan(RunRequest((kernel,), **request)))  # type: ignore[arg-type]
    assert isinstance(last, RunFinished)
    return last.results


def user_kernel(function: str) -> str:
    return f"{WORK}:{function}"


def run_modes(laboratory: Laboratory, kernel: str, **asked: object) -> tuple[Result, ...]:
    return run(laboratory, kernel, **{"modes": SOME_MODES, "start_methods": ("spawn", "fork"), **asked})


def messages(results: tuple[Result, ...]) -> list[str]:
    assert all(result.status == "failed" and result.error is not None for result in results), results
    return [result.error.message for result in results if result.error is not None]


def test_a_function_runs_in_every_mode_and_with_every_transport(laboratory: Laboratory) -> None:
    asked = {"modes": EVERY_MODE, "start_methods": ("spawn", "fork", "forkserver"), "transports": TRANSPORTS}
    results = run(laboratory, user_kernel("adds_up(depth=2)"), **asked)
    assert len(results) == 3 + 3 * (len(TRANSPORTS) + len(EVERY_MODE) - 4)
    expected = sum(i * i % 7 * 2 for i in range(2000))
    for result in results:
        assert result.status == "ok", (result.case, result.error)
        assert sum(value or 0 for value in result.measured_trials[0].results) == expected * result.case.tasks, (
            result.case
        )
        assert (result.estimate, result.z) == (None, None)
        assert result.speedup is not None
        assert result.losses is not None


def test_a_result_that_is_not_a_number_is_ignored(laboratory: Laboratory) -> None:
    for function in ("returns_nothing", "returns_a_dict", "returns_a_giant"):
        for result in run_modes(laboratory, user_kernel(function), transports=("queue", "pipe")):
            assert result.status == "ok", (result.case, result.error)
            assert set(result.measured_trials[0].results) == {None}
            codes = {advice.code for advice in result.advice}
            assert not codes & {"estimate-off", "duplicated-streams", "ledger-doubtful"}


@pytest.mark.parametrize("transport", ["value", "array", "shared-memory"])
def test_a_transport_that_cannot_carry_a_result_is_a_failed_row(laboratory: Laboratory, transport: str) -> None:
    results = run(laboratory, user_kernel("returns_a_dict"), modes=("processes",), transports=(transport,))
    failed = results[-1]
    assert failed.error is not None
    assert failed.error.message.endswith(
        f"the transport {transport} carries one number per task, but the kernel returned a dict"
    )


def test_a_result_that_cannot_be_pickled_is_a_failed_row(laboratory: Laboratory) -> None:
    modes = ("threads", "processes", "pool-map", "process-pool")
    baseline, threads, *others = run(
        laboratory, user_kernel("returns_a_function"), modes=modes, transports=("queue", "pipe")
    )
    assert (baseline.status, threads.status) == ("ok", "ok")
    assert len(others) == 4
    assert all("returns_a_function" in message for message in messages(tuple(others)))


def test_a_parameter_named_seed_gets_a_seed(laboratory: Laboratory) -> None:
    results = run_modes(laboratory, user_kernel("takes_a_seed"), transports=("queue", "value"))
    for result in results:
        assert result.status == "ok", (result.case, result.error)
    values = {result.measured_trials[0].results for result in results if len(result.measured_trials[0].results) == 2}
    assert len(values) == 1, "all modes use the same seeds"
    assert len(set(values.pop())) == 2, "each task has another seed"


def test_an_exception_is_reported_with_its_place(laboratory: Laboratory) -> None:
    lines = WORK.read_text().splitlines()
    line = lines.index('    raise ValueError("no such luck")') + 1
    results = run_modes(laboratory, user_kernel("raises"))
    assert len(results) == 8
    assert set(messages(results)) == {f"user_work.py:{line}, in raises: ValueError: no such luck"}
    for result in results:
        assert result.error is not None
        assert result.error.type == "ValueError"
        assert "pi_tui/host" not in result.error.traceback.split("Printed:")[0]


def test_a_failed_row_shows_what_its_own_trial_printed(laboratory: Laboratory) -> None:
    asked = {"modes": ("sequential", "processes"), "workers": (1,), "samples": (10, 20)}
    for result in run(laboratory, user_kernel("raises_aloud"), **asked):
        assert result.error is not None
        printed = result.error.traceback.split("Printed:\n")[1]
        assert [line for line in printed.splitlines() if "tried" in line] == [f"tried {result.case.samples}"]


def test_a_function_that_ends_its_process_is_a_failed_row(laboratory: Laboratory) -> None:
    assert all("exit code 3" in message for message in messages(run_modes(laboratory, user_kernel("leaves"))))
    assert all("SIGSEGV" in message for message in messages(run_modes(laboratory, user_kernel("reads_nothing"))))
    assert all("SystemExit: 4" in message for message in messages(run_modes(laboratory, user_kernel("quits"))))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_function_that_forks_and_returns_twice_counts_once(laboratory: Laboratory) -> None:
    for result in run_modes(laboratory, user_kernel("comes_back_twice"), repeat=2):
        assert result.status == "ok", (result.case, result.error)
        assert [trial.results for trial in result.measured_trials] == [(2000,) * result.case.tasks] * 2


def test_a_function_that_never_ends_is_stopped(laboratory: Laboratory) -> None:
    results = run_modes(laboratory, user_kernel("never_ends"), timeout_s=1.0)
    assert {result.error.type for result in results if result.error is not None} == {"TimeOut"}
    assert len(messages(results)) == 8


def test_a_megabyte_of_output_does_no_harm(laboratory: Laboratory) -> None:
    for result in run_modes(laboratory, user_kernel("prints")):
        assert result.status == "ok", result.error


def test_threads_left_running_end_with_their_host(laboratory: Laboratory) -> None:
    for result in run_modes(laboratory, user_kernel("leaves_threads"), repeat=2):
        assert result.status == "ok", (result.case, result.error)
        assert len(result.measured_trials) == 2


@pytest.mark.slow
def test_threads_that_keep_their_process_alive_are_a_failed_row(laboratory: Laboratory) -> None:
    modes = ("sequential", "threads", "pool-map", "processes", "process-pool")
    results = run(laboratory, user_kernel("leaves_stubborn_threads"), modes=modes)
    assert [result.status for result in results] == ["ok", "ok", "ok", "failed", "failed"]
    assert all("did not end" in message for message in messages(results[3:]))


def test_a_file_with_a_syntax_error_is_a_failed_row(laboratory: Laboratory, tmp_path: Path) -> None:
    file = tmp_path / "wrong.py"
    file.write_text("def func(n):\n    return n +\n")
    assert set(messages(run_modes(laboratory, f"{file}:func"))) == {
        "wrong.py:2: SyntaxError: invalid syntax: return n +"
    }


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("raise RuntimeError('not today')\ndef func(n): ...", "mine.py:1: RuntimeError: not today"),
        ("import sys\ndef func(n): ...\nsys.exit('a script')", "mine.py:3: SystemExit: a script"),
        ("from os import path as func, no_such_thing", "ImportError: cannot import name 'no_such_thing'"),
        ("import os\nfunc = os.environ", "func is not a function but a"),
        ("def func(n): ...\ndel func", "mine.py has no function func"),
        ("async def func(n): ...", "func is a coroutine function"),
        ("def func(n): yield n", "func is a generator function"),
        ("def func(): ...", "func() must take the number of samples as its first argument"),
        ("def func(n, depth, *, width): ...", "func also needs depth and width: use --arg depth=VALUE"),
    ],
)
def test_an_unusable_function_is_refused_with_a_reason(
    laboratory: Laboratory, tmp_path: Path, text: str, what: str
) -> None:
    file = tmp_path / "mine.py"
    file.write_text(text)
    for result in run(laboratory, f"{file}:func"):
        assert result.status in ("failed", "unavailable")
        assert result.error is not None
        assert what in result.error.message


def test_an_import_that_never_ends_is_stopped(laboratory: Laboratory, tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("while True: pass\ndef func(n): ...")
    assert all("importing" in message for message in messages(run(laboratory, f"{file}:func", timeout_s=2.0)))


def test_the_file_is_read_again_for_each_run(laboratory: Laboratory, tmp_path: Path) -> None:
    """Also within one second and with the same file size, when cached byte code would seem up to date."""
    file = tmp_path / "mine.py"
    for number in (1, 2, 3):
        file.write_text(f"def func(n): return {number}")
        for result in run_modes(laboratory, f"{file}:func"):
            assert result.status == "ok", result.error
            assert set(result.measured_trials[0].results) == {number}, result.case
    assert not (tmp_path / "__pycache__").exists()


def test_a_change_during_the_run_is_reported(laboratory: Laboratory, tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("def func(n): return 1")
    request = RunRequest((f"{file}:func",), ("processes",), workers=(2,), repeat=1, warmup=0)
    events = laboratory.run(laboratory.plan(request))
    for event in events:
        if isinstance(event, KernelPrepared):
            break
    file.write_text("def func(n): return 2")
    os.utime(file, ns=(1, 1))
    *_, last = events
    assert isinstance(last, RunFinished)
    assert last.results[0].status == "ok", "it runs the code that was read at the start of the run"
    assert "was changed during the run" in messages(last.results[1:])[0]


def test_a_kernel_can_be_any_file_or_module(
    laboratory: Laboratory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(FOLDER)
    for kernel in ("./with blanks-and dashes.py:func", "user_work:adds_up", "math:factorial", "os.path:basename"):
        for result in run(laboratory, kernel, modes=("threads", "processes", "pool-map"), samples=(20,)):
            expected = "failed" if kernel == "os.path:basename" else "ok"
            assert result.status == expected, (result.case, result.error)
    (missing,) = {result.status for result in run(laboratory, "no_such.module:func")}
    assert missing == "unavailable"


def test_numba_functions_tell_whether_they_release_the_gil(laboratory: Laboratory) -> None:
    for function, releases in (("held", False), ("released", True)):
        kernel = f"{FOLDER / 'compiled_functions.py'}:{function}"
        events = list(laboratory.run(laboratory.plan(RunRequest((kernel,), ("threads",), workers=(2,), repeat=1))))
        prepared = next(event for event in events if isinstance(event, KernelPrepared))
        assert prepared.found is not None
        assert (prepared.found.compiled_by, prepared.found.releases_gil) == ("Numba", releases)
        last = events[-1]
        assert isinstance(last, RunFinished)
        assert {result.status for result in last.results} == {"ok"}


def test_a_kernel_that_sleeps_is_not_bound_by_the_cpu(laboratory: Laboratory) -> None:
    for milliseconds in (200, 1000, 5000):  # a late wake-up matters less after a longer sleep
        baseline, threads = run(laboratory, user_kernel("sleeps"), samples=(milliseconds,), repeat=2)
        assert baseline.status == threads.status == "ok"
        assert threads.speedup is not None
        is_blamed = sys.platform == "linux" and "gil-turns" in {advice.code for advice in threads.advice}
        if threads.speedup > 1.2 and not is_blamed:
            return
    raise AssertionError((threads.speedup, threads.advice))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux reports what threads wait for")
@pytest.mark.parametrize("mode", ["threads", "thread-pool"])
def test_threads_that_cannot_start_without_the_gil_wait_for_it(laboratory: Laboratory, mode: str) -> None:
    """It is unknown that this function holds the GIL; the lanes show it, because other threads cannot start."""
    found = []
    # A busy machine's delay at the start matters less with a longer sleep.
    for milliseconds in (400, 400, 1000, 3000):
        kernel, samples = (user_kernel("sleeps_with_the_gil"),), (milliseconds,)
        asked = RunRequest(kernel, (mode,), workers=(2,), samples=samples, repeat=3, warmup=0)
        *events, last = laboratory.run(laboratory.plan(asked))
        assert isinstance(last, RunFinished)
        result = last.results[-1]
        for trial in result.measured_trials:
            late = max(trial.workers, key=lambda worker: worker.startup_s + worker.held_back_s)
            parts = (late.startup_s, late.running_s, late.queued_s, late.waiting_s, late.between_s, late.idle_s)
            assert sum(part or 0.0 for part in parts) == pytest.approx(trial.wall_s, abs=1e-6)
        drawn = any(event.one_gil for event in events if isinstance(event, LanesMoved) and event.lanes.ended)
        if drawn and blames_the_gil(result):
            return
        found.append((drawn, result.losses, result.advice))
    raise AssertionError(found)


def blames_the_gil(result: Result) -> bool:
    """Return whether threads waited for the GIL from their start on, and the advice says that the GIL was held."""
    trials = result.measured_trials
    both = [trial for trial in trials if all(worker.tasks for worker in trial.workers)]
    waited = sum(worker.gil_wait_s or 0.0 for trial in both for worker in trial.workers)
    began = sum(worker.startup_s for trial in trials for worker in trial.workers)
    told = [advice.sentence for advice in result.advice if advice.code == "io-wait"]
    first_did_all = len(both) < len(trials)  # a pool's first thread did all the work
    kept = "the GIL was held meanwhile" in " ".join(told) or first_did_all
    seen = waited >= 0.25 * sum(trial.wall_s for trial in both)
    return seen and began < 0.25 * sum(trial.wall_s for trial in trials) and len(told) == 1 and kept


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux reports what threads wait for")
def test_threads_that_start_at_once_do_not_wait_for_the_gil(laboratory: Laboratory) -> None:
    def held_back(result: Result) -> bool:
        return any(
            sum(worker.held_back_s for worker in trial.workers) >= 0.1 * trial.wall_s
            for trial in result.measured_trials
        )

    for _ in range(TRIES):  # if only one tick is sampled, it stands for the whole trial
        _, threads = run(laboratory, user_kernel("sleeps"), samples=(400,), repeat=2)
        if not held_back(threads):
            return
    raise AssertionError(threads.measured_trials)


@pytest.mark.parametrize("version", OTHER_PYTHONS)
def test_on_other_interpreters(laboratory: Laboratory, version: str) -> None:
    path = os.environ.get(OTHER_PYTHONS[version])
    if not path:
        pytest.skip(f"Python {version} was not prepared ({OTHER_PYTHONS[version]})")
    for result in run_modes(laboratory, user_kernel("adds_up(depth=3)"), modes=tuple(MODES), pythons=(path,)):
        assert result.status == "ok", (result.case, result.error)
    for function, what in (
        ("raises", "in raises: ValueError"),
        ("leaves", "exit code 3"),
        ("reads_nothing", "SIGSEGV"),
    ):
        found = run_modes(laboratory, user_kernel(function), modes=("threads", "processes"), pythons=(path,))
        assert all(what in message for message in messages(found))
    late = run(laboratory, user_kernel("never_ends"), modes=("threads", "processes"), pythons=(path,), timeout_s=1.0)
    assert {result.error.type for result in late if result.error is not None} == {"TimeOut"}
    for function in ("prints", "leaves_threads"):
        for result in run_modes(laboratory, user_kernel(function), modes=("threads", "processes"), pythons=(path,)):
            assert result.status == "ok", (result.case, result.error)
