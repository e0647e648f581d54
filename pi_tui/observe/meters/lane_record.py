"""The lanes of one trial as the app keeps them, and the format of the file that `--lanes` writes.

The file holds JSON lines. The first line explains the letters. Then each trial has a line, followed by one line per worker.
A worker's ticks are run-length encoded: a letter and the number of its repetitions, which is omitted if it is 1.

```
{"pi_tui_lanes": 1, "letters": {"R": "running", "G": "gil", ...}}
{"trial": 3, "kernel": "python", ..., "start_ns": 81273, "period_ns": 1000000, "made": 998, "missed": 2, ...}
{"trial": 3, "worker": 0, "pid": 41, "tid": 42, "runs": ".2R5G5R6-G4"}
```
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping

from pi_tui.host.protocol import LanePiece, LanesSeen, LaneState, WorkerTicks

FORMAT = 1
_ABSENT = LaneState.ABSENT.encode("ascii")

MAX_KEPT_TICKS = 600_000
"""Ten minutes at a thousand ticks per second. Of a longer trial, the last ticks are kept."""


class LaneRecord:
    """The lanes of one trial, joined from the pieces that the observer sends.

    Attributes:
        latest: the latest piece.
        ticks: the totals per worker; empty until the trial's last piece.
    """

    def __init__(self, first: LanesSeen, kept_ticks: int = MAX_KEPT_TICKS) -> None:
        self._kept = kept_ticks
        self._letters: dict[tuple[int, int], bytearray] = {}  # bytearrays grow in place, however long the trial
        self._index: dict[tuple[int, int], int] = {}
        self._first_tick = first.first_tick
        self._length = 0
        self.latest = first
        self.ticks: tuple[WorkerTicks, ...] = ()
        self._append(first)

    def add(self, seen: LanesSeen) -> None:
        """Append the next piece.

        Raises:
            ValueError: the piece belongs to another trial or overlaps the ticks already recorded.
        """
        if seen.trial != self.latest.trial or seen.first_tick < self._first_tick + self._length:
            raise ValueError(f"lanes of trial {seen.trial} from tick {seen.first_tick} do not follow the recorded ones")
        self._append(seen)

    @property
    def first_tick(self) -> int:
        """The number of the tick that each lane's first letter belongs to."""
        return self._first_tick

    @property
    def lanes(self) -> tuple[LanePiece, ...]:
        """The lane of every worker, all of the same length."""
        lanes = self._letters.items()
        return tuple(LanePiece(self._index[key], *key, letters.decode("ascii")) for key, letters in lanes)

    @property
    def ticks_per_s(self) -> float | None:
        """The mean number of ticks per second while workers were sampled; None before the first tick."""
        due = self.latest.made + self.latest.missed
        return None if due == 0 else self.latest.made / due * 1e9 / self.latest.period_ns

    def _append(self, seen: LanesSeen) -> None:
        gap = seen.first_tick - self._first_tick - self._length
        new = {(piece.pid, piece.tid): piece for piece in seen.lanes}
        length = len(seen.lanes[0].letters) if seen.lanes else 0
        for key, piece in new.items():
            self._index[key] = piece.index
            self._letters.setdefault(key, bytearray(_ABSENT * self._length))
        for key, kept in self._letters.items():
            kept += _ABSENT * gap
            kept += new[key].letters.encode("ascii") if key in new else _ABSENT * length
        self._length += gap + length
        self._drop_oldest(self._length - self._kept)
        self.latest = seen
        self.ticks = seen.ticks or self.ticks

    def _drop_oldest(self, ticks: int) -> None:
        if ticks > 0:
            for kept in self._letters.values():
                del kept[:ticks]
            self._first_tick += ticks
            self._length -= ticks


def format_header() -> str:
    """Return the first line of a lanes file, with its newline."""
    return _format_line({"pi_tui_lanes": FORMAT, "letters": {str(seen): seen.name.lower() for seen in LaneState}})


def format_trial(record: LaneRecord, about: Mapping[str, object]) -> Iterator[str]:
    """Yield the lines of one trial. `about` holds additional fields that identify it (kernel, mode, kind ...)."""
    latest = record.latest
    yield _format_line(
        {
            "trial": latest.trial,
            **about,
            "start_ns": latest.start_ns,
            "period_ns": latest.period_ns,
            "first_tick": record.first_tick,
            "made": latest.made,
            "missed": latest.missed,
            "certainty": latest.certainty,
        }
    )
    for lane in record.lanes:
        yield _format_line(
            {
                "trial": latest.trial,
                "worker": lane.index,
                "pid": lane.pid,
                "tid": lane.tid,
                "runs": encode_runs(lane.letters),
            }
        )


def encode_runs(letters: Iterable[str]) -> str:
    """Encode letters as run lengths: "RRRRRGG." becomes "R5G2."."""
    counted = ((letter, sum(1 for _ in run)) for letter, run in itertools.groupby(letters))
    return "".join(letter if count == 1 else f"{letter}{count}" for letter, count in counted)


def decode_runs(runs: str) -> str:
    """Decode run lengths into letters."""
    return "".join(letter * int(count or 1) for letter, count in re.findall(r"(\D)(\d*)", runs))


def _format_line(fields: Mapping[str, object]) -> str:
    return json.dumps(fields) + "\n"
