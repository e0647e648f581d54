"""The progress line on standard error; nothing is written if that is no terminal."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from pi_tui.analysis.results import Case
from pi_tui.analysis.text.formatting import countdown, plural
from pi_tui.analysis.text.prose import format_seconds
from pi_tui.analysis.text.short_names import shorten_kernel_name
from pi_tui.cli.stdio import write_text
from pi_tui.cli.terminal_text import make_encodable, print_message
from pi_tui.engine.run.events import Event, KernelPrepared, Progress, TrialFinished, TrialStarted

_BAR = 16
SLOW_S = 3.0
"""After this many seconds of waiting, a message says what is being waited for."""


class ProgressLine:
    """A line that is rewritten at every event.

    Args:
        stream: the stream to write to, usually standard error.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = stream.isatty()
        self._dirty = False

    def show(self, event: Event) -> None:
        """Update the line if the event changes the progress."""
        if not self._shown:
            return
        if isinstance(event, TrialStarted | TrialFinished):
            self._write(f"{_describe_progress(event.progress)}  {describe_case(event.case)}")
        elif isinstance(event, KernelPrepared) and event.compile_s >= 0.01:
            layer = f", threading layer {event.threading_layer}" if event.threading_layer else ""
            self._write(f"compiled {event.kernel} in {format_seconds(event.compile_s)}{layer}")

    def clear(self) -> None:
        """Erase the line, so that something else can be written."""
        if self._dirty:
            self._write_raw("\r\x1b[K")
            self._dirty = False

    def _write(self, text: str) -> None:
        room = shutil.get_terminal_size().columns - 1
        self._dirty = True
        self._write_raw("\r" + make_encodable(text, self._stream.encoding)[:room] + "\x1b[K")

    def _write_raw(self, text: str) -> None:
        """Write text; if the terminal is gone, show no more progress."""
        if not write_text(text, self._stream):
            self._shown = self._dirty = False


def _describe_progress(progress: Progress) -> str:
    share = progress.done / progress.total if progress.total else 1.0
    full = round(share * _BAR)
    bar = "█" * full + "░" * (_BAR - full)
    return f"trial {progress.done}/{progress.total} {bar} {share:4.0%}  {countdown(progress.left_s)} left"


def describe_case(case: Case) -> str:
    """Name a case in a few words: kernel, mode, start method, transport, workers."""
    workers = plural(case.workers, "worker")
    return " ".join(
        part
        for part in (shorten_kernel_name(case.kernel), case.mode, case.start_method, case.transport, workers)
        if part
    )


@contextmanager
def notice_slow_pythons(slow_s: float = SLOW_S) -> Iterator[None]:
    """Print a message if the block, which probes Python interpreters (about 50 ms each), takes longer than `slow_s`."""
    from pi_tui.engine.interpreters.interpreter_probe import PROBE_TIMEOUT_S

    sentence = f"waiting for a Python interpreter to answer, at most {PROBE_TIMEOUT_S:g} s"
    timer = threading.Timer(slow_s, print_message, (sentence,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
