"""Build frozen dataclasses from JSON values: build nested classes, turn lists into tuples, and check all types.

Unknown fields are ignored, so that a newer writer may add fields. Missing fields take their default.
"""

from __future__ import annotations

import dataclasses
import reprlib
import types
import typing
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

T = TypeVar("T")
Reader = Callable[[Any, str], Any]
"""Converts a JSON value to a field's value; the text names the field in an error."""


class ShapeError(ValueError):
    """The fields do not fit the class."""


def build_dataclass(kind: type[T], fields: Mapping[str, Any]) -> T:
    """Build an instance of the dataclass `kind` from its fields.

    Raises:
        ShapeError: a field without a default is missing, or a value has the wrong type.
    """
    given = {}
    for name, read, where, needed in _read_fields(kind):  # type: ignore[arg-type]  # a class can be hashed
        if name in fields:
            given[name] = read(fields[name], where)
        elif needed:
            raise ShapeError(f"{kind.__name__} lacks {name}")
    return kind(**given)


@lru_cache(maxsize=256)
def _read_fields(kind: type) -> tuple[tuple[str, Reader, str, bool], ...]:
    """Return for each field its name, its reader, its name in errors, and whether it is required."""
    hints = typing.get_type_hints(kind)
    missing = dataclasses.MISSING
    return tuple(
        (
            field.name,
            _make_reader(hints[field.name]),
            f"{kind.__name__}.{field.name}",
            field.default is missing and field.default_factory is missing,
        )
        for field in dataclasses.fields(kind)
    )


@lru_cache(maxsize=256)
def _make_reader(hint: Any) -> Reader:
    """Return the reader for the annotation `hint`; readers are cached, as there may be a million values."""
    origin = typing.get_origin(hint)
    if origin is tuple:
        return _make_tuple_reader(typing.get_args(hint))
    if origin is dict:
        return _make_dict_reader(*map(_make_reader, typing.get_args(hint)))
    if origin is typing.Literal:
        return _make_literal_reader(typing.get_args(hint))
    if origin is types.UnionType:
        return _make_union_reader(typing.get_args(hint))
    if dataclasses.is_dataclass(hint):
        return _make_dataclass_reader(typing.cast(type, hint))
    return _make_plain_reader(hint)


def _make_plain_reader(kind: type) -> Reader:
    def read(value: Any, where: str) -> Any:
        if kind is float and type(value) is int:
            return _convert_to_float(value, where)
        if not isinstance(value, kind):
            raise ShapeError(f"{where} is {reprlib.repr(value)}")
        return value

    return read


def _convert_to_float(value: int, where: str) -> float:
    try:
        return float(value)
    except OverflowError as error:
        raise ShapeError(f"{where} is too large a number") from error


def _make_literal_reader(words: tuple[Any, ...]) -> Reader:
    def read(value: Any, where: str) -> Any:
        if value not in words:
            raise ShapeError(f"{where} is {reprlib.repr(value)}")
        return value

    return read


def _make_dataclass_reader(kind: type) -> Reader:
    def read(value: Any, where: str) -> Any:
        if not isinstance(value, dict):
            raise ShapeError(f"{where} is {reprlib.repr(value)}")
        return build_dataclass(kind, value)

    return read


def _make_dict_reader(key: Reader, item: Reader) -> Reader:
    def read(value: Any, where: str) -> dict[Any, Any]:
        if not isinstance(value, dict):
            raise ShapeError(f"{where} is {reprlib.repr(value)}")
        return {key(name, where): item(each, where) for name, each in value.items()}

    return read


def _make_tuple_reader(items: tuple[Any, ...]) -> Reader:
    """Return a reader for tuples: of any length, or of a fixed length if each item has its own type."""
    readers = [_make_reader(item) for item in items if item is not Ellipsis]
    any_length = items[-1] is Ellipsis

    def read(value: Any, where: str) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise ShapeError(f"{where} is not a list")
        if any_length:
            (item,) = readers
            return tuple([item(each, where) for each in value])
        if len(readers) != len(value):
            raise ShapeError(f"{where} is {reprlib.repr(value)}")
        return tuple(item(each, where) for item, each in zip(readers, value, strict=True))

    return read


def _make_union_reader(kinds: tuple[Any, ...]) -> Reader:
    """Return a reader that tries several types in turn; an integer stays an integer if `int` is one of them."""
    plain = tuple(kind for kind in kinds if isinstance(kind, type) and not dataclasses.is_dataclass(kind))
    others = [_make_reader(kind) for kind in kinds if kind not in plain]
    whole_to_float = float in plain and int not in plain

    def read(value: Any, where: str) -> Any:
        if whole_to_float and type(value) is int:
            return _convert_to_float(value, where)
        if plain and isinstance(value, plain):
            return value
        for other in others:
            try:
                return other(value, where)
            except ShapeError:
                continue
        raise ShapeError(f"{where} is {reprlib.repr(value)}")

    return read
