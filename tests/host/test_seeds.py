"""The seeds of tasks: all different, and the same for the same run, trial and task."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pi_tui.host.seeds import derive_shared_seed, derive_task_seeds


@given(st.integers(0, 2**32), st.integers(0, 100), st.integers(1, 3000))
def test_no_two_tasks_of_a_trial_share_the_lower_32_bits(run_seed: int, trial: int, tasks: int) -> None:
    seeds = derive_task_seeds(run_seed, trial, tasks)
    assert len({seed % 2**32 for seed in seeds}) == tasks
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_seeds_depend_only_on_run_trial_and_task() -> None:
    assert derive_task_seeds(1, 2, 3) == derive_task_seeds(1, 2, 3)
    assert derive_task_seeds(1, 2, 3) == derive_task_seeds(1, 2, 5)[:3]
    assert len({derive_task_seeds(run, trial, 1) for run in range(20) for trial in range(20)}) == 400
    assert len({derive_shared_seed(run, trial) for run in range(20) for trial in range(20)}) == 400
