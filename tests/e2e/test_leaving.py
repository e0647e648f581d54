"""The laboratory on a real terminal, ended by a signal: the terminal is restored, and no process is left."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.e2e.tmux_terminal import Terminal, needs_tmux, wait_until

pytestmark = needs_tmux


@pytest.fixture
def screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """The laboratory during a run."""
    monkeypatch.setenv("PI_TUI_HOME", str(tmp_path / "home"))
    opened = Terminal(tmp_path)
    opened.until_seen("Press r to run")
    opened.press("r")
    opened.until_seen("x stop", "trial")
    yield opened
    opened.close()


def laboratory(family: list[psutil.Process]) -> psutil.Process:
    return next(process for process in family if process.cmdline()[1:] == ["-m", "pi_tui"])


def has_ended(process: psutil.Process) -> bool:
    """Return whether the process has ended; in a container it may stay a zombie."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_leaves_as_q_does(screen: Terminal, name: str) -> None:
    family = screen.processes()
    laboratory(family).send_signal(getattr(signal, name))
    assert screen.exit_code() == 130
    screen.until_restored()
    wait_until(
        lambda: all(map(has_ended, family)), lambda: f"still there: {[each for each in family if not has_ended(each)]}"
    )
    assert "by force" not in screen.screen(history=True)


def test_where_the_laboratory_is_killed_the_terminal_is_given_back(screen: Terminal) -> None:
    family = screen.processes()
    laboratory(family).kill()
    assert screen.exit_code() == 137
    screen.until_on_its_first_screen()
    screen.until_seen("pi-tui was ended by force. What it had measured is kept: pi-tui log list shows it.")
    wait_until(
        lambda: all(map(has_ended, family)), lambda: f"still there: {[each for each in family if not has_ended(each)]}"
    )
