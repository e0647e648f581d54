"""A real terminal: tmux with a private socket, and a shell that checks what is left."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

PATIENCE_S = 120.0
"""Long enough for a busy machine, where drawing one screen takes seconds; waiting ends as soon as the state is reached."""

needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is the terminal here")


def wait_until(happened: Callable[[], object], what: Callable[[], str]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline, what()
        time.sleep(0.1)


class Terminal:
    """A terminal of 100 x 30 in which pi-tui is started once; the shell around it stays."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self._folder = folder
        command = " ".join(f"'{word}'" for word in (sys.executable, "-m", "pi_tui", *arguments))
        script = folder / "session.sh"
        script.write_text(
            f"stty -a > before\n{command}\necho code $? > code\nstty -a > after\nmv code over\nread wait\n"
        )
        self._tmux("-f", os.devnull, "new-session", "-d", "-x", "100", "-y", "30", "-c", str(folder), f"sh {script}")

    def _tmux(self, *arguments: str) -> str:
        environment = {name: value for name, value in os.environ.items() if name not in ("TMUX", "TMUX_PANE")}
        environment |= {"TERM": "xterm-256color", "TMPDIR": str(self._folder)}
        command = ["tmux", "-u", "-S", str(self._folder / "tmux"), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
        return done.stdout

    def screen(self, *, history: bool = False) -> str:
        """Return what the terminal shows; with `history`, what has scrolled off as well."""
        return self._tmux("capture-pane", "-p", *(("-S", "-") if history else ()))

    def until_seen(self, *texts: str) -> None:
        """Wait until all texts are on the screen; tmux needs time to read what was printed."""
        wait_until(
            lambda: all(text in self.screen(history=True) for text in texts), lambda: f"{texts} on\n{self.screen()}"
        )

    def press(self, *keys: str) -> None:
        self._tmux("send-keys", *keys)

    def exit_code(self) -> int:
        """Wait until pi-tui has ended, and return its exit code."""
        wait_until((self._folder / "over").exists, self.screen)
        return int((self._folder / "over").read_text().split()[1])

    def until_restored(self) -> None:
        """Check, after pi-tui has ended, that modes, screen, cursor and mouse are as before.

        The line's modes belong to the kernel and are restored at once; the others belong to tmux, which may have to read first.
        """
        before, after = ((self._folder / name).read_text() for name in ("before", "after"))
        assert before == after
        self.until_on_its_first_screen()

    def until_on_its_first_screen(self) -> None:
        """Wait until the terminal's own flags are as before."""
        wait_until(lambda: self._flags() == ["0", "1", "0"], lambda: f"{self._flags()} on\n{self.screen()}")

    def _flags(self) -> list[str]:
        return self._tmux("display-message", "-p", "#{alternate_on} #{cursor_flag} #{mouse_any_flag}").split()

    def processes(self) -> list[psutil.Process]:
        """Return pi-tui and all its descendants, oldest first."""
        shell = int(self._tmux("display-message", "-p", "#{pane_pid}"))
        return psutil.Process(shell).children(recursive=True)

    def close(self) -> None:
        subprocess.run(["tmux", "-S", str(self._folder / "tmux"), "kill-server"], capture_output=True, check=False)
