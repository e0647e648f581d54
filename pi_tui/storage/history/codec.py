"""Frozen values as bytes and back: JSON by the names of the fields, compressed where that saves something.

Reading is as lenient as `host.building`: unknown fields are ignored, missing ones take the default.
"""

from __future__ import annotations

import dataclasses
import json
import zlib
from functools import lru_cache
from typing import Any, TypeVar

from pi_tui.engine.errors import LogError
from pi_tui.host.dataclass_codec import ShapeError, build_dataclass

T = TypeVar("T")

_COMPRESSED_FROM_BYTES = 160
"""Bytes from which compressing makes them fewer as a rule."""


def pack(value: Any) -> bytes:
    """Any dataclass, or dicts, lists and plain values with dataclasses in them."""
    data = json.dumps(value, default=get_fields, separators=(",", ":")).encode("ascii")
    return zlib.compress(data, 3) if len(data) >= _COMPRESSED_FROM_BYTES else data


def unpack(data: bytes) -> Any:
    """What `pack` was given, as plain JSON.

    Raises:
        LogError: it is no packed value.
    """
    if not isinstance(data, bytes):  # a column holds whatever was written there
        raise LogError("a stored value cannot be read: it is no packed one")
    try:
        return json.loads(zlib.decompress(data) if data[:1] == b"\x78" else data)
    except (zlib.error, ValueError, RecursionError) as error:
        raise LogError(f"a stored value cannot be read: {error}") from error


def unpack_as(kind: type[T], data: bytes) -> T:
    """A dataclass from what `pack` made of it.

    Raises:
        LogError: it is no packed value, or of another class.
    """
    return build_as(kind, unpack(data))


def build_as(kind: type[T], fields: Any) -> T:
    """A dataclass from its plain fields.

    Raises:
        LogError: they are not its fields.
    """
    if not isinstance(fields, dict):
        raise LogError(f"a stored value cannot be read: it is no {kind.__name__}")
    try:
        return build_dataclass(kind, fields)
    except ShapeError as error:
        raise LogError(f"a stored value cannot be read: {error}") from error


def get_fields(value: Any) -> dict[str, Any]:
    """Every field of a dataclass by its name, also those that are as by default: a default may change later.

    Raises:
        TypeError: it is no dataclass.
    """
    names = _field_names(type(value))  # type: ignore[arg-type]  # a class can be hashed
    return {name: getattr(value, name) for name in names}


@lru_cache(maxsize=64)
def _field_names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))
