"""Frozen dataclasses from plain JSON: nested ones are built, lists made tuples, and every kind is checked.

Fields that a class does not know are ignored, so that a newer writer may add some; those that are missing take the class's
own default.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar

T = TypeVar("T")


class ShapeError(ValueError):
    """What was given does not have the shape of the class."""


def build(kind: type[T], fields: Mapping[str, Any]) -> T:
    """An instance of the dataclass `kind`.

    Raises:
        ShapeError: a field is missing that has no default, or is of the wrong kind.
    """
    given = {}
    for name, hint, needed in _fields(kind):  # type: ignore[arg-type]  # a class can be hashed
        if name in fields:
            given[name] = _value(hint, fields[name], f"{kind.__name__}.{name}")
        elif needed:
            raise ShapeError(f"{kind.__name__} lacks {name}")
    return kind(**given)


@lru_cache(maxsize=256)
def _fields(kind: type) -> tuple[tuple[str, Any, bool], ...]:
    """Name, annotation, and whether it must be given, of each field."""
    hints = typing.get_type_hints(kind)
    missing = dataclasses.MISSING
    return tuple(
        (field.name, hints[field.name], field.default is missing and field.default_factory is missing)
        for field in dataclasses.fields(kind)
    )


def _value(hint: Any, value: Any, where: str) -> Any:
    """`value` as the annotation `hint` wants it."""
    origin = typing.get_origin(hint)
    if origin is tuple:
        return _tuple(hint, value, where)
    if origin is dict:
        key, item = typing.get_args(hint)
        if not isinstance(value, dict):
            raise ShapeError(f"{where} is {value!r}")
        return {_value(key, name, where): _value(item, each, where) for name, each in value.items()}
    if origin is typing.Literal:
        if value not in typing.get_args(hint):
            raise ShapeError(f"{where} is {value!r}")
        return value
    if origin is types.UnionType:
        return _one_of(typing.get_args(hint), value, where)
    if dataclasses.is_dataclass(hint):
        if not isinstance(value, dict):
            raise ShapeError(f"{where} is {value!r}")
        return build(typing.cast(type, hint), value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint):
        raise ShapeError(f"{where} is {value!r}")
    return value


def _tuple(hint: Any, value: Any, where: str) -> tuple[Any, ...]:
    """A tuple of any length; of the given length where each item has a kind of its own."""
    if not isinstance(value, list):
        raise ShapeError(f"{where} is no list")
    items = typing.get_args(hint)
    if items[-1] is Ellipsis:
        return tuple(_value(items[0], each, where) for each in value)
    if len(items) != len(value):
        raise ShapeError(f"{where} is {value!r}")
    return tuple(_value(item, each, where) for item, each in zip(items, value, strict=True))


def _one_of(kinds: tuple[Any, ...], value: Any, where: str) -> Any:
    """`value` as the first of several kinds that takes it; a whole number stays one where that is among them."""
    if value is None and type(None) in kinds:
        return None
    plain = tuple(kind for kind in kinds if isinstance(kind, type) and not dataclasses.is_dataclass(kind))
    if float in plain and type(value) is int and int not in plain:
        return float(value)
    if plain and isinstance(value, plain):
        return value
    for kind in kinds:
        if kind not in plain:
            try:
                return _value(kind, value, where)
            except ShapeError:
                continue
    raise ShapeError(f"{where} is {value!r}")
