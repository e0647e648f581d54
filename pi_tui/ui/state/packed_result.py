"""Results of runs that are over, as the session keeps them: small, so that an hour of runs is no hundred megabytes.

A result of two workers takes 11 KB, of which trials and advice are ten; packed they are one. What every row of the table shows
stays as it is.
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
"""So much stays unpacked: what a screen full of rows may need for each drawing."""


class PackedResult(Result):
    """A `Result` that unpacks its trials and its advice when they are asked for, and equals the one it was made of.

    `waiting` is its `waiting_share`, which is of all trials and is shown, and sorted by, in every row.
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
        """The result with everything, as a plain one."""
        values = {field.name: getattr(self, field.name) for field in fields(Result)}
        return Result(**values)

    @property
    def trials(self) -> tuple[Trial, ...]:
        """All trials."""
        trials: tuple[Trial, ...] = _unpack(self._trials)
        return trials

    @property
    def advice(self) -> tuple[Advice, ...]:
        """What is remarked on it."""
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
