"""The command line: the same laboratory without a screen. Each command imports what it needs when it runs."""

from pi_tui.cli.entry import main

__all__ = ["main"]
