from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import pytest

from pi_tui.engine.output_spool import KeptOutput

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="watching needs Linux")


def test_it_has_no_name_and_can_be_written_and_read_by_several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with KeptOutput() as kept:
        assert not list(tmp_path.iterdir())
        with kept.path.open("ab") as one, kept.path.open("ab") as other:
            one.write(b"first ")
            one.flush()
            other.write(b"second")
        assert kept.path.read_bytes() == b"first second"
        saved = kept.save()
        path = kept.path
    assert not path.exists()
    assert list(tmp_path.iterdir()) == [saved]
    assert saved.read_bytes() == b"first second"


def test_closing_twice_closes_nobody_elses_descriptor() -> None:
    kept = KeptOutput()
    kept.close()
    other = os.open(os.devnull, os.O_RDONLY)
    try:
        kept.close()
        os.fstat(other)
    finally:
        os.close(other)
