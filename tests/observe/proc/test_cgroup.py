"""The limits of control groups, read from made-up trees of /proc and /sys."""

from __future__ import annotations

from pathlib import Path

import pytest

from pi_tui.observe.proc import cgroup

V2 = "31 23 0:27 {top} /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n"
V1 = "36 30 0:31 {top} /sys/fs/cgroup/{name} rw - cgroup cgroup rw,{name}\n"


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_no_control_group_is_no_limit(tmp_path: Path) -> None:
    assert cgroup.cpu_quota(tmp_path) is None
    assert cgroup.memory_limit(tmp_path) is None


def test_version_2_takes_the_tightest_limit_from_the_group_up_to_the_top(tmp_path: Path) -> None:
    group = "sys/fs/cgroup/work.slice/one.service"
    root = tree(
        tmp_path,
        {
            "proc/self/cgroup": "0::/work.slice/one.service\n",
            "proc/self/mountinfo": V2.format(top="/"),
            f"{group}/cpu.max": "max 100000\n",
            "sys/fs/cgroup/work.slice/cpu.max": "150000 100000\n",
            "sys/fs/cgroup/cpu.max": "400000 100000\n",
            f"{group}/memory.max": "max\n",
            "sys/fs/cgroup/work.slice/memory.max": "1000\n",
            "sys/fs/cgroup/work.slice/memory.current": "700\n",
            "sys/fs/cgroup/work.slice/memory.stat": "anon 500\nfile 200\ninactive_file 150\n",
        },
    )
    assert cgroup.cpu_quota(root) == 1.5
    assert cgroup.memory_limit(root) == cgroup.MemoryLimit(1000, 1000 - (700 - 150))


def test_a_container_that_sees_its_own_group_as_the_top(tmp_path: Path) -> None:
    root = tree(
        tmp_path,
        {
            "proc/self/cgroup": "0::/docker/abc\n",
            "proc/self/mountinfo": V2.format(top="/docker/abc"),
            "sys/fs/cgroup/cpu.max": "50000 100000\n",
        },
    )
    assert cgroup.cpu_quota(root) == 0.5


def test_a_group_outside_the_mount_is_read_at_its_top(tmp_path: Path) -> None:
    root = tree(
        tmp_path,
        {
            "proc/self/cgroup": "0::/../elsewhere\n",
            "proc/self/mountinfo": V2.format(top="/docker/abc"),
            "sys/fs/cgroup/cpu.max": "300000 100000\n",
        },
    )
    assert cgroup.cpu_quota(root) == 3.0


def test_version_1_has_a_hierarchy_for_each_controller(tmp_path: Path) -> None:
    root = tree(
        tmp_path,
        {
            "proc/self/cgroup": "9:memory:/job\n4:cpu,cpuacct:/job\n0::/\n",
            "proc/self/mountinfo": V1.format(top="/", name="cpu,cpuacct") + V1.format(top="/", name="memory"),
            "sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us": "-1\n",
            "sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us": "100000\n",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "200000\n",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
            "sys/fs/cgroup/memory/job/memory.limit_in_bytes": "9223372036854771712\n",
        },
    )
    assert cgroup.cpu_quota(root) == 2.0
    assert cgroup.memory_limit(root) is None


@pytest.mark.parametrize("text", ["", "max", "garbage\n", "1 2 3", "0 100000", "100000 0", "-5 100000"])
def test_malformed_files_are_no_limit(tmp_path: Path, text: str) -> None:
    root = tree(
        tmp_path,
        {
            "proc/self/cgroup": "0::/\nnot a line\n",
            "proc/self/mountinfo": "short\n" + V2.format(top="/"),
            "sys/fs/cgroup/cpu.max": text,
            "sys/fs/cgroup/memory.max": text,
        },
    )
    assert cgroup.cpu_quota(root) is None
