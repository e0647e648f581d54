"""One watch of the command line: its streams, its end, what is printed."""

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
from pi_tui.cli.run_interrupt import Interruption
from pi_tui.cli.stdio import StandardOutputError, print_bytes, silence, tell
from pi_tui.cli.terminal_text import complain, plain, width
from pi_tui.engine.errors import INTERRUPTED_EXIT_CODE, UsageError
from pi_tui.engine.paths import Paths
from pi_tui.engine.watch_client import OutputSpool, WatchClient, WatchTarget, start_watch, to_exit_code
from pi_tui.host.watch_protocol import NotStarted, Sighting, WatchEnded
from pi_tui.storage.export.watch_format import format_reading, format_summary

PRINTED_BYTES = 1 << 20
"""Of what a command printed under the screen, so much is printed at the end; of more, it is told where all of it lies."""

_LISTEN_S = 0.1


@dataclass(frozen=True)
class Wishes:
    """How a watch is to go: for how many seconds, a line how often, which format, where the command's output goes,
    and whether the screen stays open when the program has ended.
    """

    duration_s: float | None
    every_s: float
    format: str
    output: Path | None
    stay: bool = False


class _Printer:
    """Prints to standard output; notices when nobody reads any more."""

    def __init__(self) -> None:
        self.broken = False

    def __call__(self, text: str) -> None:
        if self.broken:
            return
        try:
            self.broken = not print_bytes(plain(text, sys.stdout.encoding).encode(sys.stdout.encoding or "ascii"))
        except StandardOutputError as error:
            self.broken = True
            complain(str(error))


def watch_without_screen(target: WatchTarget, wishes: Wishes) -> int:
    """Watch to the end, printing as asked; the exit code."""
    with _file(wishes.output) as output:
        out = sys.stderr.fileno() if output is None else output
        streams = None if target.pid is not None else (_stdin(), out, sys.stderr.fileno() if output is None else output)
        if target.note:
            complain(target.note)
        session = _Session(target, wishes, streams)
        with Interruption(session.stop) as interruption:
            return session.run(interruption)


class _Session:
    """A watch without a screen."""

    def __init__(self, target: WatchTarget, wishes: Wishes, streams: tuple[int, int, int] | None) -> None:
        self._target = target
        self._wishes = wishes
        self._record = WatchRecord()
        self._print = _Printer()
        self._watch = WatchClient(target, Paths.from_environment(os.environ), os.environ, streams)

    def stop(self) -> None:
        """End it."""
        self._watch.stop()

    def run(self, interruption: Interruption) -> int:
        """Listen until it is over.

        Raises:
            UsageError: the command cannot be started.
            HostError: the watcher is gone.
        """
        wishes, began = self._wishes, time.monotonic()
        told_s, expired = 0.0, False
        ended: WatchEnded | None = None
        try:
            while not self._watch.over:
                for message in self._watch.hear(_LISTEN_S):
                    if isinstance(message, Sighting):
                        self._record.add(message)
                        if self._record.elapsed_s - told_s >= wishes.every_s - _LISTEN_S / 2:
                            told_s = self._record.elapsed_s
                            self._tell()
                    elif isinstance(message, NotStarted):
                        raise UsageError(message.why)
                    elif isinstance(message, WatchEnded):
                        ended = message
                over_time = wishes.duration_s is not None and time.monotonic() - began >= wishes.duration_s
                if (over_time or self._print.broken) and not expired:
                    expired = True
                    self._watch.stop()
        except KeyboardInterrupt:  # the second one: there is no time for manners
            self._watch.close()
            return INTERRUPTED_EXIT_CODE
        finally:
            self._watch.close()
        if ended is None:
            return 1
        code = INTERRUPTED_EXIT_CODE if interruption.requested else 0 if expired else to_exit_code(ended)
        self._sum_up(ended, code)
        return code

    def _tell(self) -> None:
        if self._wishes.format == "jsonl":
            self._print(format_reading(self._record))

    def _sum_up(self, ended: WatchEnded, code: int) -> None:
        sentences = judge_watch(self._record)
        if self._wishes.format == "jsonl":
            self._print(format_summary(self._record, ended, code, sentences))
            return
        from pi_tui.cli.watch.table import summary_table

        self._print(summary_table(self._target, self._record, ended, sentences, width()))


def watch_on_screen(target: WatchTarget, wishes: Wishes, *, ascii: bool, light: bool) -> int:
    """Watch on the screen; the exit code. What a command printed is printed when the screen is closed."""
    if target.pid is not None or wishes.output is not None:
        with _file(wishes.output):  # emptied, or refused at once
            return _screen(target, wishes, wishes.output, ascii=ascii, light=light)
    with OutputSpool() as kept:
        code = _screen(target, wishes, kept.path, ascii=ascii, light=light)
        _print_kept(kept)
    return code


def _screen(target: WatchTarget, wishes: Wishes, kept: Path | None, *, ascii: bool, light: bool) -> int:
    from pi_tui.ui.state.watch_session import WatchRequest, WatchSession
    from pi_tui.ui.watch.app import open_watch

    watch = start_watch(target, Paths.from_environment(os.environ), os.environ, kept)
    wanted = WatchRequest(target.title, target.pid, kept, wishes.duration_s, wishes.stay)
    course = WatchSession(watch, wanted, time.monotonic)
    try:
        by_signal = open_watch(course, ascii=ascii, light=light)
    finally:
        watch.close()
    if course.refused:
        raise UsageError(course.refused)
    if course.ended is not None:
        from pi_tui.cli.watch.table import summary_table

        told = summary_table(target, course.record, course.ended, judge_watch(course.record), width())
        tell(plain(told, sys.stderr.encoding), sys.stderr)
    if by_signal:
        return INTERRUPTED_EXIT_CODE
    if course.expired or course.ended is None or target.pid is not None:
        return 0
    return to_exit_code(course.ended)


def _print_kept(kept: OutputSpool) -> None:
    """Print what was kept; of much, the end, and all of it goes to a file that stays."""
    size = kept.path.stat().st_size
    try:
        sys.stdout.flush()
        with kept.path.open("rb") as stream:
            stream.seek(max(0, size - PRINTED_BYTES))
            shutil.copyfileobj(stream, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except OSError:  # nobody reads it, or there is no room for it
        silence(sys.stdout)
    if size > PRINTED_BYTES:
        told = f"The command printed {size / 1e6:.0f} MB; this was the end of it"
        try:
            complain(f"{told}, all of it is in {kept.save()}.")
        except OSError as error:
            complain(f"{told}. The rest could not be kept: {(error.strerror or str(error)).lower()}.")


def _stdin() -> int:
    try:
        return sys.stdin.fileno()
    except (OSError, ValueError):
        return os.open(os.devnull, os.O_RDONLY)


@contextmanager
def _file(path: Path | None) -> Iterator[int | None]:
    """The descriptor of a file to write, emptied; None where there is none.

    Raises:
        UsageError: it cannot be written.
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
