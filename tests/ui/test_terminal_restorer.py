"""The process that restores the terminal of an app that was killed."""

from __future__ import annotations

import os
import signal
import sys

import psutil
import pytest

from pi_tui.ui.theme.shutdown import TerminalRestorer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such processes")


@pytest.mark.parametrize("stopped", [False, True])
def test_nothing_is_left_of_it_when_the_app_leaves_even_if_it_was_stopped(stopped: bool) -> None:
    before = {each.pid for each in psutil.Process().children()}
    restorer = TerminalRestorer("a sentence")
    restorer.start()
    (process,) = (each for each in psutil.Process().children() if each.pid not in before)
    if stopped:
        os.kill(process.pid, signal.SIGSTOP)
    restorer.stop()
    assert not psutil.pid_exists(process.pid)
    restorer.stop()
