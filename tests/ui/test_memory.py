"""What a run leaves free in the heap goes back to the system."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pi_tui.ui.adapters import return_memory
from tests.ui.pilot import opened, run_to_end
from tests.ui.scripted import Bench

PIECES, PIECE = 4000, 16_384
"""Too small for the C library to map each on its own, as what lies between them in use keeps the heap from shrinking."""


def private_kib() -> int:
    fields = dict(line.split(":", 1) for line in Path("/proc/self/smaps_rollup").read_text().splitlines()[1:])
    return int(fields["Private_Dirty"].split()[0])


def on_glibc() -> bool:
    import platform

    return sys.platform == "linux" and platform.libc_ver()[0] == "glibc"


@pytest.mark.skipif(not on_glibc(), reason="no glibc, whose heap it is")
def test_what_lies_free_between_what_is_used_goes_back() -> None:
    pieces = [bytearray(b"x") * PIECE for _ in range(PIECES)]
    del pieces[::2]
    before = private_kib()
    assert return_memory()
    given_kib = before - private_kib()
    assert given_kib > PIECES / 2 * PIECE / 1024 / 2
    assert len(pieces) == PIECES / 2


def test_elsewhere_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pi_tui.ui.adapters.sys.platform", "darwin")
    assert not return_memory()


async def test_it_is_done_after_each_run(tmp_path: Path) -> None:
    bench = Bench(folder=tmp_path)
    running: list[bool] = []
    bench.give(return_memory=lambda: running.append(bench.app.session.running))
    async with opened(bench) as pilot:
        for times in (1, 2):
            await run_to_end(pilot, bench)
            assert running == [False] * times
