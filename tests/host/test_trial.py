"""Real trials in one host: the results, and how kernels that misbehave are reported."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pi_tui.host.protocol import Prepare, Prepared, PrepareFailed, TrialDone, TrialFailed
from pi_tui.host.server import EXIT_WORKER_LOST
from tests.host.direct_host import DirectHost

POOLS = ("pool-map", "pool-starmap-async", "pool-imap-unordered", "process-pool")
LOST = "a worker was lost"
"""The leftover of a host that ends because it lost a worker. Other leftovers are processes that were slow to end."""


@pytest.fixture
def host(tmp_path: Path) -> Iterator[DirectHost]:
    host = DirectHost(tmp_path)
    yield host
    host.process.kill()
    host.close()


@pytest.mark.parametrize("mode", ["sequential", "threads", "thread-pool", "processes", "pool-apply", *POOLS])
def test_a_failed_kernel_has_a_traceback(host: DirectHost, mode: str) -> None:
    answer = host.trial("raises", mode)
    assert isinstance(answer, TrialFailed)
    assert answer.failure.type == "ValueError"
    assert answer.failure.message == "no such luck"
    assert "failing_kernels.py" in answer.failure.traceback
    if not answer.leftovers:
        assert isinstance(host.trial("python"), TrialDone)


@pytest.mark.parametrize("mode", ["processes", *POOLS])
@pytest.mark.parametrize("start_method", ["fork", "forkserver"])
@pytest.mark.parametrize(
    ("kernel", "kind"), [("exits_with_3", "Exit"), ("exits_with_0", "Exit"), ("kills_itself", "SIGKILL")]
)
def test_a_worker_that_dies_ends_the_trial(
    host: DirectHost, mode: str, start_method: str, kernel: str, kind: str
) -> None:
    answer = host.trial(kernel, mode, start_method=start_method)
    assert isinstance(answer, TrialFailed)
    assert answer.failure.type in (kind, "BrokenProcessPool")
    assert answer.failure.message
    if LOST in answer.leftovers:
        assert host.process.wait() == EXIT_WORKER_LOST
    elif not answer.leftovers:
        assert isinstance(host.trial("python", "processes"), TrialDone)


@pytest.mark.parametrize("transport", ["queue", "pipe", "value", "array", "shared-memory"])
def test_the_exit_code_of_a_lost_worker_is_reported_with_every_transport(host: DirectHost, transport: str) -> None:
    answer = host.trial("exits_with_3", "processes", transport=transport)
    assert isinstance(answer, TrialFailed)
    assert (answer.failure.type, "exit code 3" in answer.failure.message) == ("Exit", True)


@pytest.mark.parametrize("mode", ["sequential", "threads", "processes", *POOLS])
def test_system_exit_does_not_hang(host: DirectHost, mode: str) -> None:
    answer = host.trial("calls_sys_exit", mode)
    assert isinstance(answer, TrialFailed)
    assert answer.failure.type == "SystemExit"


@pytest.mark.parametrize("mode", ["processes", "pool-map"])
def test_after_a_lost_worker_the_others_are_killed(host: DirectHost, mode: str) -> None:
    answer = host.trial("ignores_sigterm_while_another_dies", mode, tasks=4)
    assert isinstance(answer, TrialFailed)
    assert answer.failure.type == "Exit"
    assert "exit code 3" in answer.failure.message
    assert LOST in answer.leftovers
    assert host.process.wait() == EXIT_WORKER_LOST


def test_the_output_of_a_kernel_cannot_break_the_protocol(host: DirectHost) -> None:
    for mode in ("sequential", "threads", "processes"):
        answer = host.trial("prints", mode)
        assert isinstance(answer, TrialDone), mode
    assert '"TrialDone"' in host.printed()


@pytest.mark.parametrize("start_method", ["spawn", "fork"])
def test_workers_have_no_access_to_the_protocol_pipes(host: DirectHost, start_method: str) -> None:
    answer = host.trial("counts_protocol_pipes", "processes", start_method=start_method)
    assert isinstance(answer, TrialDone)
    assert answer.results == (0, 0)


@pytest.mark.parametrize("mode", ["processes", "pool-starmap", "process-pool"])
def test_a_spawned_worker_imports_nothing_needless(host: DirectHost, mode: str) -> None:
    """Every import lengthens the start-up of each worker, which would count against the mode."""
    answer = host.trial("counts_needless_imports", mode, start_method="spawn")
    assert isinstance(answer, TrialDone)
    assert answer.results == (0, 0), host.printed()


def test_sleeping_is_waiting(host: DirectHost) -> None:
    """A halted virtual machine adds to the running time, so one trial of several must show it."""
    answers = [host.trial("sleeps", "threads") for _ in range(5)]
    for answer in answers:
        assert isinstance(answer, TrialDone)
        assert answer.faults == ()
        if all(worker.waiting_s > 0.9 * (worker.running_s + worker.waiting_s) for worker in answer.workers):
            return
    pytest.fail(f"no worker waited: {answers}")


def test_threads_and_processes_left_running_are_reported(host: DirectHost) -> None:
    thread = host.trial("leaves_a_thread", "sequential")
    assert isinstance(thread, TrialDone)
    assert thread.leftovers == ("a thread is still running: forgotten",) * 2
    process = host.trial("leaves_a_process", "sequential", tasks=1)
    assert isinstance(process, TrialDone)
    assert any("a process is still running" in each for each in process.leftovers)


def test_ordinary_trials_leave_nothing_running(host: DirectHost) -> None:
    for mode in ("sequential", "threads", "thread-pool", "processes", "pool-map", "process-pool"):
        for method in ("fork", "spawn", "forkserver"):
            answer = host.trial("python", mode, start_method=method)
            assert isinstance(answer, TrialDone)
            assert answer.leftovers == (), (mode, method)


def test_a_result_that_is_not_a_number_is_none(host: DirectHost) -> None:
    answer = host.trial("returns_a_dict", "threads")
    assert isinstance(answer, TrialDone)
    assert answer.results == (None, None)
    failed = host.trial("returns_a_dict", "processes", transport="value")
    assert isinstance(failed, TrialFailed)
    assert "value carries one number per task, but the kernel returned a dict" in failed.failure.message


def test_a_failed_trial_removes_its_shared_memory(host: DirectHost) -> None:
    answer = host.trial("raises", "processes", transport="shared-memory")
    assert isinstance(answer, TrialFailed)
    assert answer.failure.type == "ValueError"
    blocks = f"pt-{host.process.pid}-*"
    if LOST in answer.leftovers:  # on a slow machine; the resource tracker of multiprocessing then removes it
        assert host.process.wait() == EXIT_WORKER_LOST
        while list(Path("/dev/shm").glob(blocks)):
            time.sleep(0.05)
    assert not list(Path("/dev/shm").glob(blocks))


def test_tasks_may_be_more_or_fewer_than_workers(host: DirectHost) -> None:
    for mode in ("threads", "thread-pool", "processes", *POOLS):
        many = host.trial("python", mode, tasks=7, samples=10)
        assert isinstance(many, TrialDone)
        assert sum(worker.tasks for worker in many.workers) == 7, mode
        assert len(many.results) == 7
        few = host.trial("python", mode, tasks=1, workers=2, samples=10)
        assert isinstance(few, TrialDone)
        assert [worker.tasks for worker in few.workers] == [1, 0], mode


def test_more_readings_than_a_pipe_holds(host: DirectHost) -> None:
    answer = host.trial("python", "pool-map", tasks=9000, samples=1, chunksize=100)
    assert isinstance(answer, TrialDone)
    assert sum(worker.tasks for worker in answer.workers) == 9000
    assert answer.faults == ()


def test_the_same_seed_gives_the_same_results(tmp_path: Path) -> None:
    answers = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        host = DirectHost(tmp_path / name)
        answers.append([host.trial("python", mode, samples=5000) for mode in ("sequential", "processes")])
        host.close()
    for first, second in zip(*answers, strict=True):
        assert isinstance(first, TrialDone)
        assert isinstance(second, TrialDone)
        assert first.results == second.results


def test_workers_of_a_forked_process_draw_different_numbers(host: DirectHost) -> None:
    for kernel in ("python", "numpy"):
        host.prepare(kernel)
        for mode in ("processes", "pool-map", "process-pool"):
            answer = host.trial(kernel, mode, samples=20_000, tasks=2)
            assert isinstance(answer, TrialDone)
            other = host.trial(kernel, mode, samples=20_000, tasks=2)
            assert isinstance(other, TrialDone)
            assert answer.results[0] != answer.results[1] or other.results[0] != other.results[1], (kernel, mode)


def test_import_and_compilation_are_timed_separately(host: DirectHost) -> None:
    answer = host.prepare("numba")
    assert isinstance(answer, Prepared)
    assert answer.import_s > 0
    assert answer.compile_s > 0
    missing = host.ask(Prepare("odd", "no_such_module", "f"))
    assert isinstance(missing, PrepareFailed)
    assert missing.failure.type == "ModuleNotFoundError"


def test_the_host_ends_when_its_requests_end(tmp_path: Path) -> None:
    host = DirectHost(tmp_path)
    assert host.close() == 0


def test_an_invalid_request_ends_the_host(tmp_path: Path) -> None:
    host = DirectHost(tmp_path)
    host.requests.write(b"nonsense\n")
    assert host.process.wait() == 2
    assert "not a message" in host.printed()
