"""Values packed into bytes and unpacked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from pi_tui.analysis.results import (
    Machine,
)
from pi_tui.analysis.text.strip_escapes import strip_deep
from pi_tui.engine.errors import LogError
from pi_tui.storage.history.codec import pack, unpack, unpack_as
from pi_tui.storage.history.database import Database, open_history

NOW = 1.8e9


def nothing(sentence: str) -> None:
    pytest.fail(sentence)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


def opened(path: Path) -> Database:
    return open_history(path, nothing)


finite = some.floats(allow_nan=False)
whole = some.integers(-(10**20), 10**20)
words = some.text(max_size=20)


@given(some.recursive(some.none() | some.booleans() | whole | finite | words, lambda inner: some.lists(inner)))
def test_plain_values_are_packed_and_unpacked(value: object) -> None:
    assert unpack(pack([value])) == strip_deep([value])  # the gate: what is read holds no control character


@pytest.mark.parametrize("character", ["\b", "\r", "\f", "\x1b", "\x7f", "\x9b", "\u202e"])
@pytest.mark.parametrize("spelt", [True, False])
def test_no_control_character_leaves_the_history(character: str, spelt: bool) -> None:
    data = json.dumps({"a name" + character: ["a text" + character]}, ensure_ascii=spelt).encode()
    assert unpack(data) == {"a name": ["a text"]}


def test_a_stored_value_that_makes_no_sense_is_one_sentence() -> None:
    for data in (b"", b"{", b"x\x9cgarbage", b"[]", b"{}"):
        with pytest.raises(LogError, match="cannot be read"):
            unpack_as(Machine, data)
