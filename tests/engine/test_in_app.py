"""What can run inside the app, and what cannot."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pi_tui.analysis.results import Case, Interpreter
from pi_tui.engine.in_app import obstacle
from pi_tui.host.kernels.catalog import KERNELS

FREE = Interpreter("3.14.1t", "/usr/bin/python3.14t", "3.14.1", "CPython", True, False, {}, ("spawn",))
CASE = Case("python", "threads", None, None, "3.14.1t", None, 2, 2, 1000)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"kernel": "python-own-random"}, None),
        ({"kernel": "numpy"}, "pure Python only"),
        ({"mode": "processes", "start_method": "spawn"}, "threads only"),
        ({"gil": False}, None),
        ({"gil": True}, "the GIL of the app itself is off, and stays so"),
    ],
)
def test_what_runs_in_the_app_runs_in_threads_of_pure_python_under_the_gil_it_has(
    change: dict[str, object], reason: str | None
) -> None:
    case = replace(CASE, **change)  # type: ignore[arg-type]
    told = obstacle(case, KERNELS[case.kernel], FREE)
    assert told is None if reason is None else reason in str(told)
