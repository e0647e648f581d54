"""One watch from the command line: its streams, its end, and what it prints."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pi_tui.analysis.watch.watch_record import WatchRecord
from pi_tui.analysis.watch.watch_verdict import judge_watch
from pi_tui.cli.run_interrupt import RunInterrupt
from pi_tui.cli.stdio import StandardOutputError, discard_output, print_bytes, write_text
from pi_tui.cli.terminal_text import get_terminal_width, make_encodable, print_message
from pi_tui.engine.errors import INTERRUPTED_EXIT_CODE, UsageError
from pi_tui.engine.paths import Paths
from pi_tui.engine.watch_client import OutputSpool, WatchClient, WatchTarget, start_watch, to_exit_code
from pi_tui.host.watch_protocol import NotStarted, Sighting, WatchEnded
from pi_tui.storage.export.watch_format import format_reading, format_summary

MAX_PRINTED_BYTES = 1 << 20
"""The most output of a command that is printed after the screen closes; more is saved to a file, whose name is printed."""

UNPRINTED_EXIT_CODE = 1
"""The exit code when standard output could not be written; a reader that is gone, as of `head`, is no failure."""

_POLL_S = 0.1


@dataclass(frozen=True)
class WatchOptions:
    """The options of a watch.

    Attributes:
        duration_s: when to stop; None for the program's end.
        every_s: time between two lines.
        format: "jsonl" or "table".
        output: a file for the command's output; None for no file.
        stay: whether the screen stays open when the program has ended.
    """

    duration_s: float | None
    every_s: float
    format: str
    output: Path | None
    stay: bool = False


class _OutputPrinter:
    """Prints to standard output until that fails.

    Attributes:
        broken: nothing more is printed: the reader is gone, or printing failed.
        failed: results are missing, as the disk is full or the terminal is gone.
    """

    def __init__(self) -> None:
        self.broken = self.failed = False

    def __call__(self, text: str) -> None:
        if self.broken:
            return
        try:
            self.broken = not print_bytes(
                make_encodable(text, sys.stdout.encoding).encode(sys.stdout.encoding or "ascii")
            )
        except StandardOutputError as error:
            self.broken = self.failed = True
            print_message(str(error))


def watch_without_screen(target: WatchTarget, options: WatchOptions) -> int:
    """Watch a program to its end and print the readings; return the exit code."""
    with _open_output(options.output) as output:
        out = sys.stderr.fileno() if output is None else output
        streams = (
            None if target.pid is not None else (_open_stdin(), out, sys.stderr.fileno() if output is None else output)
        )
        if target.note:
            print_message(target.note)
        session = _Session(target, options, streams)
        with RunInterrupt(session.stop) as interrupt:
            return session.run(interrupt)


class _Session:
    """A watch without a screen."""

    def __init__(self, target: WatchTarget, options: WatchOptions, streams: tuple[int, int, int] | None) -> None:
        self._target = target
        self._options = options
        self._record = WatchRecord()
        self._print = _OutputPrinter()
        self._watch = WatchClient(target, Paths.from_environment(os.environ), os.environ, streams)

    def stop(self) -> None:
        """Stop watching; a command that was started is ended."""
        self._watch.stop()

    def run(self, interrupt: RunInterrupt) -> int:
        """Print readings until the watch is over; return the exit code.

        Raises:
            UsageError: the command cannot be started.
            HostError: the watching process is gone.
        """
        options, began = self._options, time.monotonic()
        printed_s, expired = 0.0, False
        ended: WatchEnded | None = None
        try:
            while not self._watch.over:
                for message in self._watch.hear(_POLL_S):
                    if isinstance(message, Sighting):
                        self._record.add(message)
                        if self._record.elapsed_s - printed_s >= options.every_s - _POLL_S / 2:
                            printed_s = self._record.elapsed_s
                            self._print_reading()
                    elif isinstance(message, NotStarted):
                        raise UsageError(message.why)
                    elif isinstance(message, WatchEnded):
                        ended = message
                over_time = options.duration_s is not None and time.monotonic() - began >= options.duration_s
                if (over_time or self._print.broken) and not expired:
                    expired = True
                    self._watch.stop()
        except KeyboardInterrupt:  # the second signal: give up at once
            self._watch.close()
            return INTERRUPTED_EXIT_CODE
        finally:
            self._watch.close()
        if ended is None:
            return 1
        code = INTERRUPTED_EXIT_CODE if interrupt.requested else 0 if expired else to_exit_code(ended)
        self._print_summary(ended, code)
        return UNPRINTED_EXIT_CODE if self._print.failed and not interrupt.requested else code

    def _print_reading(self) -> None:
        if self._options.format == "jsonl":
            self._print(format_reading(self._record))

    def _print_summary(self, ended: WatchEnded, code: int) -> None:
        sentences = judge_watch(self._record)
        if self._options.format == "jsonl":
            self._print(format_summary(self._record, ended, code, sentences))
            return
        from pi_tui.cli.watch.table import format_summary_table

        self._print(format_summary_table(self._target, self._record, ended, sentences, get_terminal_width()))


def watch_on_screen(target: WatchTarget, options: WatchOptions, *, ascii: bool, light: bool) -> int:
    """Watch on the screen; return the exit code. The command's output is printed when the screen has closed."""
    if target.pid is not None or options.output is not None:
        with _open_output(options.output):  # truncate it, or fail, before the screen opens
            return _open_screen(target, options, options.output, ascii=ascii, light=light)
    with OutputSpool() as spool:
        code = _open_screen(target, options, spool.path, ascii=ascii, light=light)
        _print_saved_output(spool)
    return code


def _open_screen(target: WatchTarget, options: WatchOptions, output: Path | None, *, ascii: bool, light: bool) -> int:
    from pi_tui.ui.state.watch_session import WatchRequest, WatchSession
    from pi_tui.ui.watch.app import open_watch

    watch = start_watch(target, Paths.from_environment(os.environ), os.environ, output)
    request = WatchRequest(target.title, target.pid, output, options.duration_s, options.stay)
    session = WatchSession(watch, request, time.monotonic)
    try:
        by_signal = open_watch(session, ascii=ascii, light=light)
    finally:
        watch.close()
    if session.refused:
        raise UsageError(session.refused)
    if session.ended is not None:
        from pi_tui.cli.watch.table import format_summary_table

        verdicts = judge_watch(session.record)
        summary = format_summary_table(target, session.record, session.ended, verdicts, get_terminal_width())
        write_text(make_encodable(summary, sys.stderr.encoding), sys.stderr)
    if by_signal:
        return INTERRUPTED_EXIT_CODE
    if session.expired or session.ended is None or target.pid is not None:
        return 0
    return to_exit_code(session.ended)


def _print_saved_output(spool: OutputSpool) -> None:
    """Print the command's output; if it is too long, print its end and save all of it to a file."""
    size = spool.path.stat().st_size
    try:
        sys.stdout.flush()
        with spool.path.open("rb") as stream:
            stream.seek(max(0, size - MAX_PRINTED_BYTES))
            shutil.copyfileobj(stream, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except OSError:  # the reader is gone, or the disk is full
        discard_output(sys.stdout)
    if size > MAX_PRINTED_BYTES:
        sentence = f"The command printed {size / 1e6:.0f} MB; this was the end of it"
        try:
            print_message(f"{sentence}, all of it is in {spool.save()}.")
        except OSError as error:
            print_message(f"{sentence}. The rest could not be saved: {(error.strerror or str(error)).lower()}.")


def _open_stdin() -> int:
    try:
        return sys.stdin.fileno()
    except (OSError, ValueError):
        return os.open(os.devnull, os.O_RDONLY)


@contextmanager
def _open_output(path: Path | None) -> Iterator[int | None]:
    """Open a file for writing, truncated, and yield its descriptor; yield None if there is no path.

    Raises:
        UsageError: the file cannot be written.
    """
    if path is None:
        yield None
        return
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise UsageError(f"{path}: {(error.strerror or str(error)).lower()}") from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)
