"""Results of earlier runs with their trials and advice packed, so that the session's rows stay small.

300 rows of 64 workers and six trials take 60 MiB as they are and 10 MiB packed; packing or unpacking such a row takes 3 ms.
What every row of the table shows is not packed.
"""

from __future__ import annotations

import pickle
import zlib
from dataclasses import fields
from functools import lru_cache
from typing import Any

from pi_tui.analysis.results import Advice, Result, Trial
from pi_tui.analysis.text.formatting import waiting_share

_UNPACKED_AT_ONCE = 64
"""How many unpacked values are cached: as many as a screen full of rows may need for each drawing."""


class PackedResult(Result):
    """A `Result` that unpacks its trials and advice when they are read; it equals the result it was made of.

    `waiting` is the result's `waiting_share`, which takes all trials to compute, and which every row shows and sorts by.
    """

    __slots__ = ("_advice", "_trials", "waiting")
    _trials: bytes
    _advice: bytes
    waiting: float | None

    def __init__(self, result: Result) -> None:
        put = object.__setattr__  # the class is frozen
        for field in fields(Result):
            if field.name not in ("trials", "advice"):
                put(self, field.name, getattr(result, field.name))
        put(self, "waiting", waiting_share(result))
        put(self, "_trials", _pack(result.trials))
        put(self, "_advice", _pack(result.advice))

    @property
    def unpacked(self) -> Result:
        """The whole result as a plain `Result`."""
        values = {field.name: getattr(self, field.name) for field in fields(Result)}
        return Result(**values)

    @property
    def trials(self) -> tuple[Trial, ...]:
        """All trials."""
        trials: tuple[Trial, ...] = _unpack(self._trials)
        return trials

    @property
    def advice(self) -> tuple[Advice, ...]:
        """The advice about the result."""
        advice: tuple[Advice, ...] = _unpack(self._advice)
        return advice

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Result):
            return NotImplemented
        return self.unpacked == (other.unpacked if isinstance(other, PackedResult) else other)

    def __hash__(self) -> int:
        return hash(self.unpacked)


def _pack(values: tuple[object, ...]) -> bytes:
    return zlib.compress(pickle.dumps(values, pickle.HIGHEST_PROTOCOL), 1)


@lru_cache(maxsize=_UNPACKED_AT_ONCE)
def _unpack(packed: bytes) -> Any:
    return pickle.loads(zlib.decompress(packed))
