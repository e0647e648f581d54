"""Dataclasses from JSON: every kind of annotation in use, and the errors."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import pytest

from pi_tui.host.dataclass_codec import ShapeError, build_dataclass


@dataclass(frozen=True, slots=True)
class Inner:
    name: str
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Outer:
    kind: Literal["a", "b"]
    inner: Inner | None
    many: tuple[Inner, ...]
    settings: tuple[bool | None, ...]
    pair: tuple[float, float] | None = None
    numbers: dict[str, float | int | str] = field(default_factory=dict)


WHOLE = Outer("a", Inner("x", 2.0), (Inner("y"), Inner("z")), (True, None), (1.0, 2.5), {"n": 1, "f": 1.5, "s": "t"})


def test_dataclasses_survive_a_round_trip() -> None:
    assert build_dataclass(Outer, json.loads(json.dumps(asdict(WHOLE)))) == WHOLE


def test_missing_fields_take_their_default_and_unknown_fields_are_ignored() -> None:
    fields = {"kind": "b", "inner": None, "many": [{"name": "y"}], "settings": [], "of_a_newer_version": 1}
    assert build_dataclass(Outer, fields) == Outer("b", None, (Inner("y", 1.0),), ())


def test_an_integer_becomes_a_float() -> None:
    assert build_dataclass(Inner, {"name": "x", "share": 3}) == Inner("x", 3.0)


@pytest.mark.parametrize(
    ("field_name", "value"),
    [
        ("kind", "c"),
        ("inner", 3),
        ("inner", {"share": 1.0}),
        ("many", {"name": "y"}),
        ("many", [{"name": 5}]),
        ("settings", [1]),
        ("pair", [1.0]),
        ("numbers", {"n": None}),
        ("numbers", []),
    ],
)
def test_a_wrong_value_is_refused_with_the_name_of_its_field(field_name: str, value: Any) -> None:
    fields = json.loads(json.dumps(asdict(WHOLE))) | {field_name: value}
    with pytest.raises(ShapeError, match=r"Outer|Inner"):
        build_dataclass(Outer, fields)


def test_a_missing_field_is_named() -> None:
    with pytest.raises(ShapeError, match="Inner lacks name"):
        build_dataclass(Inner, {})
