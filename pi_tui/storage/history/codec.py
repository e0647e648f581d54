"""Frozen values as bytes and back: JSON keyed by field names, compressed where that saves space.

Reading is as lenient as `host.dataclass_codec`: unknown fields are ignored, missing ones take their default.
"""

from __future__ import annotations

import dataclasses
import json
import re
import zlib
from functools import lru_cache
from typing import Any, TypeVar

from pi_tui.analysis.text.strip_escapes import strip_deep
from pi_tui.engine.errors import LogError
from pi_tui.host.dataclass_codec import ShapeError, build_dataclass

T = TypeVar("T")

_COMPRESSED_FROM_BYTES = 160
"""From about this size on, compressed JSON is smaller than plain JSON."""


def pack(value: Any) -> bytes:
    """Encode a dataclass, or dicts, lists and plain values that contain dataclasses."""
    data = json.dumps(value, default=get_fields, separators=(",", ":")).encode("ascii")
    return zlib.compress(data, 3) if len(data) >= _COMPRESSED_FROM_BYTES else data


_SUSPECT = re.compile(rb"[\\\x7f]")
"""What every control character of an ASCII text is spelt with, and the one that JSON does not spell: a text without either is
clean, and need not be searched."""


def unpack(data: bytes) -> Any:
    """Decode what `pack` encoded, as plain JSON values.

    Raises:
        LogError: `data` is not a packed value.
    """
    if not isinstance(data, bytes):  # SQLite enforces no type
        raise LogError("a stored value cannot be read: it is not packed")
    try:
        text = zlib.decompress(data) if data[:1] == b"\x78" else data
        value = json.loads(text)
        return value if text.isascii() and not _SUSPECT.search(text) else strip_deep(value)
    except (zlib.error, ValueError, RecursionError) as error:
        raise LogError(f"a stored value cannot be read: {error}") from error


def unpack_as(kind: type[T], data: bytes) -> T:
    """Decode a dataclass that `pack` encoded.

    Raises:
        LogError: `data` is not a packed value, or one of another class.
    """
    return build_as(kind, unpack(data))


def build_as(kind: type[T], fields: Any) -> T:
    """Build a dataclass from its plain fields.

    Raises:
        LogError: the fields do not fit the class.
    """
    if not isinstance(fields, dict):
        raise LogError(f"a stored value cannot be read: it is not a {kind.__name__}")
    try:
        return build_dataclass(kind, fields)
    except ShapeError as error:
        raise LogError(f"a stored value cannot be read: {error}") from error


def get_fields(value: Any) -> dict[str, Any]:
    """Return every field of a dataclass by name, defaults included: a default may change in a later version.

    Raises:
        TypeError: `value` is not a dataclass.
    """
    names = _field_names(type(value))  # type: ignore[arg-type]  # classes are hashable
    return {name: getattr(value, name) for name in names}


@lru_cache(maxsize=64)
def _field_names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))
