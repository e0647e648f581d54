"""Runs from request to results, on real hosts."""

from __future__ import annotations

import math
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pi_tui.analysis.results import Interpreter, Result
from pi_tui.engine.errors import PiTuiError
from pi_tui.engine.hosts.host_pool import Host
from pi_tui.engine.laboratory import Laboratory
from pi_tui.engine.paths import Paths
from pi_tui.engine.run.events import (
    CaseFinished,
    Event,
    HostDisturbed,
    HostReady,
    KernelPrepared,
    RunFinished,
    RunStarted,
    TrialFinished,
    TrialStarted,
)
from pi_tui.engine.run.in_app_run import SLICE_SAMPLES
from pi_tui.engine.run.request import RunRequest
from pi_tui.host.kernels import python_own_random
from pi_tui.host.kernels.catalog import KERNELS, Kernel
from pi_tui.host.modes.catalog import TRANSPORTS, Transport
from pi_tui.observe.meters.machine import read_machine

SMALL = {"samples": (2000,), "repeat": 2, "seed": 7}


@pytest.fixture
def laboratory() -> Iterator[Laboratory]:
    laboratory = Laboratory(read_machine(), Paths.from_environment(os.environ))
    yield laboratory
    laboratory.close()


@pytest.fixture
def odd(monkeypatch: pytest.MonkeyPatch) -> None:
    """The misbehaving kernels, as if they were in the catalog, in a host that finds them."""
    folder = Path(__file__).parents[1] / "host"
    for name in (
        "raises",
        "kills_itself",
        "exits_with_3",
        "sleeps",
        "leaves_a_thread",
        "never_ends",
        "writes_to_event_pipe",
        "closes_files",
        "closes_files_and_goes_on",
        "terminates_itself",
    ):
        monkeypatch.setitem(KERNELS, name, Kernel(name, name, "failing_kernels", name, holds_gil=None))
    monkeypatch.setenv("PYTHONPATH", str(folder))


def run(laboratory: Laboratory, *kernels: str, **asked: object) -> list[Event]:
    return list(laboratory.run(laboratory.plan(RunRequest(kernels=kernels, **{**SMALL, **asked}))))  # type: ignore[arg-type]


def results(events: list[Event]) -> tuple[Result, ...]:
    assert isinstance(events[-1], RunFinished)
    return events[-1].results


def alive(marker: int) -> bool:
    return Path(f"/proc/{marker}").exists()


def test_events_come_in_order(laboratory: Laboratory) -> None:
    events = run(laboratory, "python", modes=("threads",))
    assert isinstance(events[0], RunStarted)
    assert [type(event) for event in events[1:3]] == [HostReady, KernelPrepared]
    trials = [event for event in events if isinstance(event, TrialFinished)]
    # interleaved: each case once a round, the baseline first
    assert [(each.case.mode, each.trial.kind) for each in trials] == [
        ("sequential", "warmup"),
        ("threads", "warmup"),
        ("sequential", "measured"),
        ("threads", "measured"),
        ("sequential", "measured"),
        ("threads", "measured"),
    ]
    assert [each.progress.done for each in trials] == [1, 2, 3, 4, 5, 6]
    assert all(each.progress.total == 6 for each in trials)
    assert trials[-1].progress.left_s == 0
    assert len([event for event in events if isinstance(event, TrialStarted)]) == 6
    assert len([event for event in events if isinstance(event, CaseFinished)]) == 2
    assert isinstance(events[-1], RunFinished)
    assert not events[-1].stopped


def test_a_result_has_its_baseline_and_every_trial(laboratory: Laboratory) -> None:
    baseline, threads = results(run(laboratory, "python", modes=("threads",)))
    assert baseline.baseline
    assert not threads.baseline
    assert [trial.kind for trial in threads.trials] == ["warmup", "measured", "measured"]
    assert threads.wall_s is not None
    assert threads.speedup is not None
    assert baseline.wall_s is not None
    assert threads.speedup == pytest.approx(2 * baseline.wall_s.median / threads.wall_s.median)
    assert threads.estimate is not None
    assert threads.z is not None
    assert abs(threads.estimate - math.pi) < 0.2
    assert threads.gil_enabled is True or threads.free_threaded_build
    assert threads.seed == 7


def test_the_same_seed_estimates_the_same_pi(laboratory: Laboratory) -> None:
    first = results(run(laboratory, "python", modes=("processes",)))
    second = results(run(laboratory, "python", modes=("processes",)))
    assert [each.estimate for each in first] == [each.estimate for each in second]


def test_a_host_serves_one_run_after_another(laboratory: Laboratory) -> None:
    hosts = [event.pid for _ in range(2) for event in run(laboratory, "python") if isinstance(event, HostReady)]
    assert len(hosts) == 2
    assert hosts[0] == hosts[1]


@pytest.mark.usefixtures("odd")
@pytest.mark.parametrize(
    ("kernel", "kind"), [("raises", "ValueError"), ("kills_itself", "SIGKILL"), ("exits_with_3", "Exit")]
)
@pytest.mark.parametrize("mode", ["threads", "processes"])
def test_a_case_that_fails_is_a_result_and_the_next_one_runs(
    laboratory: Laboratory, kernel: str, kind: str, mode: str
) -> None:
    found = results(run(laboratory, kernel, "python", modes=(mode,)))
    failed = [each for each in found if each.case.kernel == kernel]
    assert len(failed) == 2
    for each in failed:
        assert each.status == "failed"
        assert each.error is not None
        assert each.error.type == kind
        assert each.error.message
    assert all(each.status == "ok" and each.speedup for each in found if each.case.kernel == "python")


@pytest.mark.usefixtures("odd")
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_killed_worker_leaves_no_shared_memory(
    laboratory: Laboratory, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    get, hosts = laboratory._hosts.get, set[str]()

    def noted(interpreter: Interpreter, gil: bool | None, user_kernel: str) -> Host:
        host = get(interpreter, gil, user_kernel)
        hosts.add(host.process.run_id)
        return host

    monkeypatch.setattr(laboratory._hosts, "get", noted)
    *_, killed = results(run(laboratory, "kills_itself", modes=("processes",), transports=(transport,), repeat=1))
    assert killed.error is not None
    assert killed.error.type == "SIGKILL"
    laboratory.close()
    assert hosts
    assert not [name for name in os.listdir("/dev/shm") if any(host in name for host in hosts)]


@pytest.mark.usefixtures("odd")
def test_a_trial_that_takes_too_long_is_ended(laboratory: Laboratory) -> None:
    for timeout_s in (1.5, 6.0, 24.0):  # on a stalled machine the good trials time out too
        ended, good = results(
            run(laboratory, "never_ends", "python", modes=("sequential",), timeout_s=timeout_s, repeat=1)
        )
        assert ended.error is not None
        assert ended.error.type == "TimeOut"
        if good.error is None or good.error.type != "TimeOut":
            break
    assert good.status == "ok"


@pytest.mark.usefixtures("odd")
def test_a_host_with_leftovers_is_replaced(laboratory: Laboratory) -> None:
    events = run(laboratory, "leaves_a_thread", modes=("sequential",))
    hosts = {event.pid for event in events if isinstance(event, HostReady)}
    assert len(hosts) == 3
    assert results(events)[0].status == "ok"
    assert not any(alive(pid) for pid in list(hosts)[:2])


@pytest.mark.usefixtures("odd")
def test_a_host_that_broke_the_protocol_is_replaced(laboratory: Laboratory) -> None:
    found = results(run(laboratory, "writes_to_event_pipe", "python", modes=("sequential",)))
    assert found[0].error is not None
    assert "broke the protocol" in found[0].error.message
    assert found[1].status == "ok"


def test_no_trial_begins_on_a_host_that_came_up_after_the_stop(
    laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    get = laboratory._hosts.get

    def get_after_a_stop(interpreter: Interpreter, gil: bool | None, user_kernel: str) -> Host:
        laboratory.stop()
        return get(interpreter, gil, user_kernel)

    monkeypatch.setattr(laboratory._hosts, "get", get_after_a_stop)
    events = run(laboratory, "python", modes=("sequential",))
    assert isinstance(events[-1], RunFinished)
    assert events[-1].stopped
    assert not any(isinstance(event, HostReady | TrialStarted) for event in events)
    assert laboratory._hosts._hosts == {}


def test_stop_ends_everything_and_keeps_what_was_finished(laboratory: Laboratory) -> None:
    plan = laboratory.plan(
        RunRequest(kernels=("python", "numba"), modes=("threads",), samples=(1000, 10**10), repeat=1, force=True)
    )
    events: list[Event] = []
    hosts: set[int] = set()
    for event in laboratory.run(plan):
        events.append(event)
        if isinstance(event, HostReady):
            hosts |= {event.pid, event.observer_pid}
        if isinstance(event, TrialStarted) and event.case.samples == 10**10:
            threading.Thread(target=laboratory.stop).start()
    assert isinstance(events[-1], RunFinished)
    assert events[-1].stopped
    assert hosts
    assert not any(alive(pid) for pid in hosts)
    statuses = {each.status for each in events[-1].results}
    assert "stopped" in statuses
    assert any(each.trials for each in events[-1].results)


def test_a_stop_that_comes_when_all_is_measured_cuts_nothing_short(laboratory: Laboratory) -> None:
    plan = laboratory.plan(RunRequest(kernels=("python",), modes=("threads",), **SMALL))  # type: ignore[arg-type]
    events: list[Event] = []
    for event in laboratory.run(plan):
        events.append(event)
        if isinstance(event, TrialFinished) and event.progress.done == event.progress.total:
            laboratory.stop()
    assert isinstance(events[-1], RunFinished)
    assert not events[-1].stopped
    assert [each.status for each in events[-1].results] == ["ok", "ok"]


def test_a_stop_that_was_meant_for_the_run_before_is_seen_in_the_case_that_it_hit(laboratory: Laboratory) -> None:
    plan = laboratory.plan(RunRequest(kernels=("python", "numba"), modes=("sequential",), **SMALL))  # type: ignore[arg-type]
    events: list[Event] = []
    for event in laboratory.run(plan):
        if isinstance(event, TrialStarted) and not any(isinstance(each, TrialStarted) for each in events):
            laboratory._hosts.stop_all()
        events.append(event)
    first, second = results(events)
    assert first.status == "stopped"
    assert (second.status, len(second.measured_trials)) == ("ok", 2)


def test_leaving_the_stream_early_stops_the_run(laboratory: Laboratory) -> None:
    stream = laboratory.run(laboratory.plan(RunRequest(kernels=("python",), samples=(10**9,), force=True)))
    hosts: list[int] = []
    for event in stream:
        if isinstance(event, HostReady):
            hosts += [event.pid, event.observer_pid]
        if isinstance(event, TrialStarted):
            break
    stream.close()  # type: ignore[attr-defined]
    assert hosts
    assert not any(alive(pid) for pid in hosts)


def test_one_run_at_a_time(laboratory: Laboratory) -> None:
    plan = laboratory.plan(RunRequest(kernels=("python",), **SMALL))  # type: ignore[arg-type]
    first = laboratory.run(plan)
    next(first)
    with pytest.raises(PiTuiError, match="already in progress"):
        next(laboratory.run(plan))
    first.close()  # type: ignore[attr-defined]
    assert results(list(laboratory.run(plan)))


def test_warming_prepares_and_never_fails(laboratory: Laboratory) -> None:
    laboratory.warm(RunRequest(kernels=("python", "no such kernel")))
    laboratory.warm(RunRequest(kernels=("python", "numpy")))
    events = run(laboratory, "numpy")
    assert not any(isinstance(event, KernelPrepared) for event in events)


def test_the_in_app_host_compares_with_nothing(laboratory: Laboratory) -> None:
    plan = laboratory.plan(RunRequest(("python", "numpy"), modes=("threads", "processes"), in_app=True, **SMALL))  # type: ignore[arg-type]
    found = results(list(laboratory.run(plan)))
    ran = [each for each in found if each.status == "ok"]
    assert [(each.case.kernel, each.case.mode) for each in ran] == [("python", "threads")]
    assert ran[0].in_app
    assert ran[0].speedup is None
    assert len(ran[0].measured_trials) == 2
    assert ran[0].estimate is not None
    assert all(each.status == "unavailable" and each.error for each in found if each not in ran)


def test_in_the_app_every_task_trial_and_slice_has_a_seed_of_its_own(laboratory: Laboratory) -> None:
    slices: list[int] = []

    def asked(samples: int, seed: int) -> int:
        slices.append(seed)
        return samples

    plan = laboratory.plan(
        RunRequest(
            kernels=("python-own-random",),
            modes=("threads",),
            samples=(3 * SLICE_SAMPLES - 1,),
            workers=(2,),
            repeat=2,
            in_app=True,
        )
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(python_own_random, "count_hits", asked)
        (result,) = results(list(laboratory.run(plan)))
    assert [trial.results for trial in result.trials] == [(3 * SLICE_SAMPLES - 1,) * 2] * 2
    assert len(slices) == len(set(slices)) == 2 * 2 * 3


def test_an_in_app_case_that_fails_is_no_stop(laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KERNELS, "gone", Kernel("gone", "gone", "no_such_module", "nothing"))
    plan = laboratory.plan(RunRequest(("gone",), modes=("threads",), in_app=True, **SMALL))  # type: ignore[arg-type]
    events = list(laboratory.run(plan))
    assert [each.status for each in results(events)] == ["failed"]
    assert isinstance(events[-1], RunFinished)
    assert not events[-1].stopped


def test_the_in_app_host_stops(laboratory: Laboratory) -> None:
    plan = laboratory.plan(RunRequest(("python",), modes=("threads",), samples=(10**9,), force=True, in_app=True))
    events: list[Event] = []
    for event in laboratory.run(plan):
        events.append(event)
        if isinstance(event, TrialStarted):
            threading.Thread(target=laboratory.stop).start()
    assert results(events)[0].status == "stopped"
    assert isinstance(events[-1], RunFinished)
    assert events[-1].stopped


# ---- faults from outside


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="the system does not tell who is stopped")
@pytest.mark.parametrize("at", [HostReady, TrialStarted])
def test_an_observer_that_is_stopped_is_resumed_and_told_once(laboratory: Laboratory, at: type[Event]) -> None:
    events, stopped, observer = [], False, 0
    for event in laboratory.run(laboratory.plan(RunRequest(("python",), modes=("sequential",), timeout_s=60, **SMALL))):  # type: ignore[arg-type]
        events.append(event)
        observer = event.observer_pid if isinstance(event, HostReady) else observer
        if isinstance(event, at) and not stopped:
            stopped = True
            os.kill(observer, signal.SIGSTOP)
    (told,) = [event.sentence for event in events if isinstance(event, HostDisturbed)]
    assert told.startswith(f"the observer (process {observer}) had been stopped from outside; it was resumed")
    assert isinstance(events[-1], RunFinished)
    assert {result.status for result in events[-1].results} == {"ok"}


def test_an_observer_that_is_ended_by_a_signal_is_named_with_it(laboratory: Laboratory, odd: None) -> None:
    observer = 0
    for event in laboratory.run(laboratory.plan(RunRequest(("sleeps",), modes=("sequential",), **SMALL))):  # type: ignore[arg-type]
        observer = event.observer_pid if isinstance(event, HostReady) else observer
        if isinstance(event, TrialStarted):
            os.kill(observer, signal.SIGTERM)
        if isinstance(event, RunFinished):
            (result,) = event.results
    assert result.error is not None
    assert result.error.type == "SIGTERM"
    assert result.error.message == "the observer was ended by SIGTERM from outside, and the host with it"


@pytest.mark.parametrize("mode", ["sequential", "threads", "processes", "process-pool", "pool-map"])
@pytest.mark.parametrize("kernel", ["closes_files", "closes_files_and_goes_on"])
def test_a_kernel_that_closes_the_pipes_of_its_process_is_told(
    laboratory: Laboratory, odd: None, mode: str, kernel: str
) -> None:
    plan = laboratory.plan(RunRequest((kernel, "python"), modes=(mode,), workers=(2,), **SMALL))  # type: ignore[arg-type]
    (finished,) = [event for event in laboratory.run(plan) if isinstance(event, RunFinished)]
    failed = {result.case.mode: result for result in finished.results if result.case.kernel == kernel}
    error = failed[mode].error
    assert error is not None
    where = "host" if mode in ("sequential", "threads") else "worker process"
    assert error.message == f"the kernel closed files that it did not open, among them the pipes of its {where}"
    assert {result.status for result in finished.results if result.case.kernel == "python"} == {"ok"}


@pytest.mark.parametrize("mode", ["process-pool", "pool-map"])
def test_a_worker_that_is_ended_by_sigterm_closed_nothing(laboratory: Laboratory, odd: None, mode: str) -> None:
    plan = laboratory.plan(RunRequest(("terminates_itself",), modes=(mode,), workers=(2,), **SMALL))  # type: ignore[arg-type]
    (finished,) = [event for event in laboratory.run(plan) if isinstance(event, RunFinished)]
    (error,) = [result.error for result in finished.results if result.case.mode == mode]
    assert error is not None
    assert error.message == "a worker process was ended by SIGTERM"
