"""Faults from outside, on the screen: a sentence instead of a traceback."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest
from textual import constants
from textual.widgets import Input

from pi_tui.engine.errors import LogError, UsageError
from pi_tui.ui.dialogs.export_results import ExportDialog
from pi_tui.ui.theme.base_app import is_exhausted
from tests.ui.kept import give, some_runs
from tests.ui.pilot import opened, run_to_end, seen, until
from tests.ui.scripted import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(folder=tmp_path)


def refuse(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let a folder be one that may not be read; the tests' user may be one who may read everything."""
    real = Path.stat

    def stat(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if path != folder and path.is_relative_to(folder):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return real(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", stat)


async def test_a_history_in_a_folder_that_may_not_be_read_is_a_sentence(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "data" / "history.db"
    some_runs(path)
    give(bench, path)
    async with opened(bench) as pilot:
        refuse(monkeypatch, path.parent)
        await pilot.press("h")
        await seen(pilot, "annot read the history")
        service = pilot.app.history.history  # type: ignore[attr-defined]
        with pytest.raises(LogError, match=r"cannot write the history .*: permission denied"):
            service.undelete()
    assert bench.app._exception is None


async def test_a_name_that_is_too_long_for_a_file_is_a_sentence_in_the_dialog(bench: Bench) -> None:
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        await pilot.press("e")
        await until(pilot, lambda: isinstance(pilot.app.screen, ExportDialog), "the dialog")
        pilot.app.screen.query_one(Input).value = "n" * 300 + ".json"
        await pilot.press("enter")
        await seen(pilot, "ile name too long")
    assert bench.app._exception is None


async def test_without_a_thread_to_be_had_the_app_ends_with_a_sentence(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse_thread(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    async with opened(bench) as pilot:
        with monkeypatch.context() as patched:
            patched.setattr(threading.Thread, "start", refuse_thread)
            bench.app.run_worker(lambda: None, thread=True)
            bench.app._handle_exception(RuntimeError("can't start new thread"))
            await until(pilot, lambda: pilot.app._exit, "the end")
    assert bench.app._exhausted
    assert bench.app._exception is None


@pytest.mark.parametrize("name", ["nonsense", "nonsense:Driver", "os:path", "textual.drivers.linux_driver:Nope"])
def test_a_driver_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(constants, "DRIVER", name)
    with pytest.raises(UsageError, match=f"TEXTUAL_DRIVER is '{name}', which is no driver of a terminal"):
        Bench().app  # noqa: B018


@pytest.mark.parametrize(
    ("error", "exhausted"),
    [
        (RuntimeError("can't start new thread"), True),
        (BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"), True),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), True),
        (RuntimeError("something else"), False),
        (FileNotFoundError(errno.ENOENT, "No such file"), False),
    ],
)
def test_what_says_that_the_system_has_nothing_left(error: Exception, exhausted: bool) -> None:
    assert is_exhausted(error) is exhausted
