"""A user's function in the host: what can be checked only after its import."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pi_tui.host.protocol import Argument, UserSource
from pi_tui.host.user_kernel import NotAKernelError, load_user_code

TEXT = """
from functools import wraps
def twice(func):
    @wraps(func)
    def called(*given, **named):
        return 2 * func(*given, **named)
    return called
@twice
def seeded(n, *, seed, depth=1):
    return n + seed + depth
@twice
def anything(n, **more):
    return n + more["seed"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / f"user_functions_{os.getpid()}.py"
    file.write_text(TEXT)
    return file


def source(file: Path, **arguments: int) -> UserSource:
    given = tuple(Argument(name, value) for name, value in arguments.items())
    return UserSource(str(file), str(file.parent), file.stat().st_mtime_ns, given)


def test_the_function_gets_its_seed_and_its_arguments(file: Path) -> None:
    assert load_user_code("", "seeded", source(file, depth=100)).make_kernel()(1, 20) == 2 * 121
    assert load_user_code("", "anything", source(file, seed=300)).make_kernel()(1, 20) == 2 * 301


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"seed": 5}, "seed of seeded differs for each task: use --seed"),
        ({"n": 5}, "n is the parameter for the samples of seeded"),
        ({"dpeth": 5}, "seeded takes no argument dpeth: it takes depth"),
    ],
)
def test_an_impossible_argument_is_refused_with_a_reason(file: Path, arguments: dict[str, int], why: str) -> None:
    with pytest.raises(NotAKernelError, match=why):
        load_user_code("", "seeded", source(file, **arguments))
