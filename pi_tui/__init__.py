"""pi-tui: what happens to your Python code on many cores, and why."""

__version__ = "0.1.0"
