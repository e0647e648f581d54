"""From a request to cases: the product, its baselines, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pi_tui.analysis.results import Case, Interpreter, Machine
from pi_tui.engine.errors import UsageError
from pi_tui.engine.run.estimate import Rates
from pi_tui.engine.run.plan import Plan, make_plan
from pi_tui.engine.run.request import RunRequest
from pi_tui.host.kernels.catalog import KERNELS
from pi_tui.host.modes.catalog import MODES, START_METHODS, TRANSPORTS

MACHINE = Machine("Linux", "a processor", 4, 2, 2, None, 2, 8 * 10**9, 4 * 10**9)
PYTHON = Interpreter(
    "3.12.1", "/usr/bin/python3.12", "3.12.1", "CPython", False, True, {"numpy": "2", "numba": "0.6"}, START_METHODS
)
FREE = replace(PYTHON, id="3.13.1t", path="/usr/bin/python3.13t", free_threaded_build=True, packages={"numpy": "2"})


def planned(*kernels: str, interpreters: tuple[Interpreter, ...] = (PYTHON,), **asked: object) -> Plan:
    request = RunRequest(kernels=kernels or ("python",), **asked)  # type: ignore[arg-type]
    return make_plan(request, MACHINE, interpreters, Rates(), seed=1)


def test_the_default_is_sequential_and_threads_on_all_usable_cores() -> None:
    plan = planned("python")
    assert [(case.mode, case.workers, case.tasks) for case in plan.cases] == [("sequential", 1, 1), ("threads", 2, 2)]
    assert plan.added == frozenset()
    assert plan.trials == 2 * 6
    assert plan.estimate_s > 0


def test_a_baseline_is_added_before_what_needs_it_and_serves_all() -> None:
    plan = planned("python", modes=("threads", "processes"), workers=(1, 2), start_methods=("spawn", "fork"))
    assert plan.cases[0].mode == "sequential"
    assert len(plan.cases) == 1 + 2 + 4
    assert plan.added == {plan.cases[0]} == plan.baselines


def test_sequential_has_one_worker_and_one_case_whatever_was_asked() -> None:
    plan = planned("python", modes=("sequential",), workers=(1, 2, 4))
    assert [(case.workers, case.tasks) for case in plan.cases] == [(1, 1)]


def test_sequential_with_more_tasks_is_compared_with_one_task() -> None:
    plan = planned("python", modes=("sequential",), tasks=(4,))
    assert [case.tasks for case in plan.cases] == [1, 4]
    assert plan.baselines == {plan.cases[0]}


def test_a_sort_is_compared_at_the_size_of_its_tasks() -> None:
    split = planned("numpy-sort", modes=("threads",), samples=(1000,), split=True, workers=(2,))
    assert [case.total_samples for case in split.cases] == [500, 1000]
    assert [case.samples for case in planned("python", modes=("threads",), samples=(1000,), split=True).cases] == [
        1000,
        1000,
    ]


def test_samples_are_split_among_tasks_not_workers() -> None:
    plan = planned("python", modes=("threads",), samples=(3,), split=True, workers=(8,), tasks=(1,))
    assert plan.cases[-1].task_samples == (3,)


@given(st.integers(1, 10**6), st.integers(1, 64))
def test_splitting_loses_no_sample(samples: int, tasks: int) -> None:
    case = Case("python", "threads", None, None, "3.12", None, 2, tasks, samples, split=True)
    assert sum(case.task_samples) == samples == case.total_samples
    assert max(case.task_samples) - min(case.task_samples) <= 1


@given(
    st.sets(st.sampled_from(sorted(KERNELS)), min_size=1),
    st.sets(st.sampled_from(sorted(MODES)), min_size=1),
    st.sets(st.sampled_from(START_METHODS), min_size=1),
    st.sets(st.sampled_from(TRANSPORTS), min_size=1),
    st.sets(st.integers(1, 8), min_size=1),
)
def test_every_case_stands_once_behind_its_baseline(
    kernels: set[str], modes: set[str], methods: set[str], transports: set[str], workers: set[int]
) -> None:
    plan = planned(
        *sorted(kernels),
        modes=tuple(sorted(modes)),
        start_methods=tuple(sorted(methods)),
        transports=tuple(sorted(transports)),
        workers=tuple(sorted(workers)),
    )
    assert len(set(plan.cases)) == len(plan.cases)
    place = {case: index for index, case in enumerate(plan.cases)}
    for case in plan.cases:
        assert place[plan.find_baseline(case)] <= place[case]
        assert (case.start_method is None) == (MODES[case.mode].made_of != "processes")
        assert (case.transport is None) == (case.mode != "processes")
    assert plan.baselines == {plan.find_baseline(case) for case in plan.cases}


def test_the_gil_toggle_picks_the_twin() -> None:
    plan = planned("numba", gils=(True, False), modes=("threads",))
    assert {case.kernel for case in plan.cases} == {"numba", "numba-nogil"}
    assert all(case.gil is None for case in plan.cases)
    assert planned("numba", "numba-nogil", gils=(True, False)).cases == planned("numba", "numba-nogil").cases


def test_the_gil_toggle_sets_a_free_threaded_build() -> None:
    plan = planned("python", gils=(True, False), modes=("threads",), interpreters=(FREE,))
    assert sorted((case.mode, case.gil) for case in plan.cases) == [
        ("sequential", False),
        ("sequential", True),
        ("threads", False),
        ("threads", True),
    ]


def test_without_a_way_to_disable_the_gil_the_reason_is_given() -> None:
    plan = planned("python", gils=(False,))
    assert plan.cases == ()
    assert "use a free-threaded build" in plan.unavailable[0].reason


def test_a_kernel_without_its_library_is_unavailable() -> None:
    plan = planned("python", "numba", interpreters=(FREE,))
    assert {case.kernel for case in plan.cases} == {"python"}
    assert all("numba is not installed for Python 3.13.1t" in each.reason for each in plan.unavailable)
    bare = replace(PYTHON, packages={})
    shared = planned("python", modes=("processes",), transports=("shared-memory",), interpreters=(bare,))
    assert "shared-memory" in shared.unavailable[0].reason


def test_a_start_method_that_the_system_lacks_is_unavailable() -> None:
    windows = replace(PYTHON, start_methods=("spawn",))
    plan = planned("python", modes=("pool-map",), start_methods=("spawn", "fork"), interpreters=(windows,))
    assert [each.case.start_method for each in plan.unavailable] == ["fork"]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"kernels": ("pyton",)}, "there is no kernel 'pyton': did you mean 'python'?"),
        ({"kernels": ("zzz",)}, "there is no kernel 'zzz': python"),
        ({"kernels": ()}, "no kernel was given"),
        ({"modes": ("thread",)}, "did you mean 'threads'?"),
        ({"start_methods": ("spwan",)}, "did you mean 'spawn'?"),
        ({"transports": ("que",)}, "did you mean 'queue'?"),
        ({"samples": (0,)}, "samples must be at least 1, not 0"),
        ({"samples": (-5,)}, "samples must be at least 1, not -5"),
        ({"samples": (10**16,)}, "samples must be at most"),
        ({"samples": ()}, "no number of samples"),
        ({"workers": (0,)}, "workers must be at least 1"),
        ({"workers": (9,)}, "9 workers are more than 4 times the 2 usable cores (8)"),
        ({"tasks": (0,)}, "tasks must be at least 1"),
        ({"repeat": 0}, "repeat must be at least 1"),
        ({"warmup": -1}, "warmup must be at least 0"),
        ({"chunksize": 0}, "chunksize must be at least 1"),
        ({"timeout_s": 0.0}, "the time-out must be a positive number of seconds, not 0"),
        ({"timeout_s": float("nan")}, "not nan"),
        ({"split": True, "samples": (3,), "tasks": (4,)}, "3 samples cannot be split among 4 tasks"),
        (
            {"split": True, "samples": (1,)},
            "1 sample cannot be split among 2 tasks",
        ),  # one a worker, and a worker a core
        ({"kernels": ("numpy",), "samples": (10**9,)}, "in 2 workers needs about 82 GB, more than half of the 4 GB"),
        ({"samples": (10**12,)}, "this would take about"),
    ],
)
def test_what_means_nothing_is_refused_in_one_sentence(asked: dict[str, object], sentence: str) -> None:
    kernels = asked.pop("kernels", ("python",))
    request = RunRequest(kernels=kernels, **asked)  # type: ignore[arg-type]
    with pytest.raises(UsageError) as refusal:
        make_plan(request, MACHINE, (PYTHON,), Rates(), seed=1)
    assert sentence in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "asked", [{"workers": (9,)}, {"kernels": ("numpy",), "samples": (10**9,)}, {"samples": (10**12,)}]
)
def test_sizes_can_be_forced(asked: dict[str, object]) -> None:
    kernels = asked.pop("kernels", ("python",))
    request = RunRequest(kernels=kernels, force=True, **asked)  # type: ignore[arg-type]
    assert make_plan(request, MACHINE, (PYTHON,), Rates(), seed=1).cases


def test_the_estimate_grows_with_the_work_and_falls_with_workers_that_help() -> None:
    def seconds(kernel: str, **asked: object) -> float:
        return planned(kernel, **asked).estimate_s

    assert seconds("python", samples=(10**7,)) > 5 * seconds("python", samples=(10**6,))
    alone = planned("numba-nogil", modes=("threads",), samples=(10**9,), split=True, workers=(1,))
    both = planned("numba-nogil", modes=("threads",), samples=(10**9,), split=True, workers=(2,))
    assert both.estimate_s < alone.estimate_s
    held = planned("numba", modes=("threads",), samples=(10**9,), split=True, workers=(2,))
    assert held.estimate_s > both.estimate_s
