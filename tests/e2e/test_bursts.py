"""Keys that a terminal sends in one burst, as soon as there is something to see: every one of them arrives."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.tmux_terminal import Terminal, needs_tmux

pytestmark = needs_tmux

TIMES = 10


@pytest.mark.parametrize("time", range(TIMES))
def test_keys_at_the_first_frame_all_arrive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, time: int) -> None:
    monkeypatch.setenv("PI_TUI_HOME", str(tmp_path / "home"))
    terminal = Terminal(tmp_path)
    try:
        terminal.until_seen("pi-tui")
        typed = f"numba-{time}abcdefghijklmnopqrstuvwxyz"
        terminal.press("/", *typed)
        terminal.until_seen(typed)
        terminal.press("Enter", "q")
        assert terminal.exit_code() == 0
    finally:
        terminal.close()
