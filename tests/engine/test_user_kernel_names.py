"""Texts that name the user's functions, and what is found without running them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pi_tui.cli.option_types import parse_kernels
from pi_tui.engine.errors import UsageError
from pi_tui.engine.user_kernels.user_kernels import parse_argument, resolve_kernel, resolve_kernels

TEXT = """
import os
from math import floor as rounds
VALUE = 3
def func(n, depth=1, *, seed, width=2): "Digs."
def anything(n, **more): ...
@os.fspath
def decorated(n): ...
lazily = lambda n: n
if os.name:
    def inside(n): ...
try:
    import nothing_such as other
except ImportError:
    other = None
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "work.py").write_text(TEXT)
    (tmp_path / "a, b:c (1).py").write_text("def func(n): ...")
    return tmp_path


@pytest.mark.parametrize(
    "function", ["func", "anything", "decorated", "lazily", "inside", "rounds", "other", "os.getpid"]
)
def test_whatever_may_be_a_function_is_left_to_the_host(folder: Path, function: str) -> None:
    kernel = resolve_kernel(f"./work.py:{function}", {}, folder)
    assert kernel.name == f"work.py:{function}"
    assert kernel.own is not None
    assert kernel.own.path == str(folder / "work.py")
    assert (kernel.counts, kernel.holds_gil, kernel.proportional) == ("nothing", None, False)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("./nowhere.py:func", "there is no file nowhere.py"),
        ("./wrok.py:func", "did you mean work.py?"),
        ("./work.py:fnc", "did you mean func?"),
        ("./work.py:VALUE", "is not a function but a value"),
        ("./work.py", "name a function in it, as in ./work.py:func"),
        (".:func", "is a folder"),
        (f"{os.devnull}:func", f"{os.devnull} is not a regular file"),
        ("./work.py:func(depht=1)", "func takes no argument depht: it takes depth, width"),
        ("./work.py:func(n=1)", "n is the parameter for the samples of func: use --samples"),
        ("./work.py:func(seed=1)", "seed of func differs for each task: use --seed"),
        ("./work.py:func(1)", "NAME=VALUE"),
        ("./work.py:func(depth=[1])", "must be a number"),
        ("./work.py:func(depth=1e999)", "must be a number"),
        ("work.py:2func", "is not a function's name"),
        ("pythn", "did you mean 'python'?"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(folder: Path, text: str, what: str) -> None:
    with pytest.raises(UsageError) as error:
        resolve_kernel(text, {}, folder)
    assert what in str(error.value)
    assert "\n" not in str(error.value)


def test_arguments_are_for_functions_of_ones_own(folder: Path) -> None:
    with pytest.raises(UsageError, match="python takes none"):
        resolve_kernels(["python"], {"depth": 1}, folder)
    kernels = resolve_kernels(["python", "./work.py:anything", "package.module:func"], {"depth": 1}, folder)
    assert list(kernels) == ["python", "work.py:anything(depth=1)", "package.module:func(depth=1)"]


def test_a_name_that_has_everything_in_it(folder: Path) -> None:
    kernel = resolve_kernel("a, b:c (1).py:func", {}, folder)
    assert kernel.own is not None
    assert kernel.own.path == str(folder / "a, b:c (1).py")


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,5}", fullmatch=True).filter(lambda name: name.isidentifier() and name not in _KEYWORDS),
        st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans() | st.text(max_size=8),
        max_size=3,
    )
)
def test_a_name_read_again_is_the_same_kernel(arguments: dict[str, int | float | bool | str]) -> None:
    kernel = resolve_kernel("some.module:func", arguments, Path("/"))
    again = resolve_kernel(kernel.name, {}, Path("/"))
    assert again == kernel


_KEYWORDS = frozenset({"and", "as", "def", "del", "for", "if", "in", "is", "not", "or", "try", "with", "else", "elif", "from",
                       "pass", "break", "class", "raise", "while", "yield", "async", "await"})  # fmt: skip


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a=3", 3),
        ("a=1e6", 1e6),
        ("a=true", True),
        ("a=False", False),
        ("a=x=y", "x=y"),
        ("a=", ""),
        ("a=-2", -2),
        ("a=nan", "nan"),
        ("a=-inf", "-inf"),
        ("a=1e999", "1e999"),
        ("a=" + "9" * 400, int("9" * 400)),
    ],
)
def test_values_are_what_they_look_like(text: str, value: object) -> None:
    name, found = parse_argument(text)
    assert (name, found, type(found)) == ("a", value, type(value))
    for other_name in ("", "2", "class"):
        with pytest.raises(UsageError):
            parse_argument(other_name + text.removeprefix("a"))


def test_commas_apart_from_those_of_a_kernel(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert parse_kernels("python,./work.py:func(a=1,b=2),numba") == ("python", "./work.py:func(a=1,b=2)", "numba")
    assert parse_kernels("a, b:c (1).py:func") == ("a, b:c (1).py:func",)
