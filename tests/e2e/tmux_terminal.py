"""A real terminal: tmux over a private socket, and a shell that looks at what is left afterwards."""

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
"""A state that is waited for costs nothing where it comes early; where others have the cores, a screen alone takes seconds."""

needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is the terminal here")


def wait_until(happened: Callable[[], object], what: Callable[[], str]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline, what()
        time.sleep(0.1)


class Terminal:
    """A terminal of 100 x 30 in which pi-tui is called once; the shell around it stays."""

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
        """What it shows; with what has left it at the top where `history` is asked for."""
        return self._tmux("capture-pane", "-p", *(("-S", "-") if history else ()))

    def until_seen(self, *texts: str) -> None:
        """Wait for all texts: what was printed is on the screen only once tmux has had the time to read it."""
        wait_until(
            lambda: all(text in self.screen(history=True) for text in texts), lambda: f"{texts} on\n{self.screen()}"
        )

    def press(self, *keys: str) -> None:
        self._tmux("send-keys", *keys)

    def exit_code(self) -> int:
        """That of pi-tui, once it is over."""
        wait_until((self._folder / "over").exists, self.screen)
        return int((self._folder / "over").read_text().split()[1])

    def until_restored(self) -> None:
        """Once pi-tui is over: its modes are as before, the alternate screen is left, the cursor shown, no mouse asked for.

        The modes of the line are the system's, and are so at once; the others are tmux's, which may have yet to read them.
        """
        before, after = ((self._folder / name).read_text() for name in ("before", "after"))
        assert before == after
        self.until_on_its_first_screen()

    def until_on_its_first_screen(self) -> None:
        """What the terminal itself remembers is as before."""
        wait_until(lambda: self._flags() == ["0", "1", "0"], lambda: f"{self._flags()} on\n{self.screen()}")

    def _flags(self) -> list[str]:
        return self._tmux("display-message", "-p", "#{alternate_on} #{cursor_flag} #{mouse_any_flag}").split()

    def processes(self) -> list[psutil.Process]:
        """pi-tui and everything below it, in the order of their birth."""
        shell = int(self._tmux("display-message", "-p", "#{pane_pid}"))
        return psutil.Process(shell).children(recursive=True)

    def close(self) -> None:
        subprocess.run(["tmux", "-S", str(self._folder / "tmux"), "kill-server"], capture_output=True, check=False)
