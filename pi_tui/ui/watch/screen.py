"""The screen of a watch: lanes, ledgers, output, one sentence, and the keys."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import ModalScreen

from pi_tui.analysis.watch.watch_record import WatchedThread, WatchRecord
from pi_tui.analysis.watch.watch_verdict import judge_watch
from pi_tui.ui.drawing.watched_threads import ProcessRow, ThreadRow, ThreadsPosition, WatchRow, WatchView
from pi_tui.ui.state.watch_session import WatchSession
from pi_tui.ui.watch.panes import ScrollingPane, WatchHeader, WatchLanes, WatchLedgers, WatchOutput
from pi_tui.ui.widgets.actions import list_commands
from pi_tui.ui.widgets.key_hints import collect_key_hints
from pi_tui.ui.widgets.status_bars import KeyBar, SummaryLines

LISTEN_S = 0.1
ZOOMS = (1, 2, 5, 10, 25, 50, 100)
_TALL, _WIDE = 30, 150
PANES = ("lanes", "ledgers", "output")
_TITLES = {"lanes": "Threads: who runs, who waits", "ledgers": "Where the time goes", "output": "Output"}


_NS = 1e9
_MOMENT = ("Looking: a moment, please.",)


class WatchScreen(ModalScreen[None]):
    """Shows a program's threads while they are watched: alone in an app, or above the bench, whose keys are off meanwhile.

    Args:
        watch_session: the watch; it is closed with the screen.
        leave: called when there is nothing more to be shown.
    """

    CSS_PATH = Path(__file__).with_name("watch.tcss")

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "leave", "quit", tooltip="Stop watching; a command that was started is ended"),
        Binding("space", "pause", "pause", tooltip="Pause, or continue"),
        Binding("t", "span", "second/all", tooltip="Show the last second, or all time since the start"),
        Binding("o", "order", "order", tooltip="Sort by activity, or by process and age"),
        Binding(
            "plus,equals_sign", "zoom(-1)", "finer", key_display="+", tooltip="Show less time per cell of the lanes"
        ),
        Binding("minus", "zoom(1)", "coarser", key_display="-", tooltip="Show more time per cell of the lanes"),
        Binding("1", "pane('lanes')", "lanes", tooltip="Show who runs, who waits"),
        Binding("2", "pane('ledgers')", "ledger", tooltip="Show where each thread's time goes"),
        Binding("3", "pane('output')", "output", tooltip="Show the output of the program"),
        Binding("tab", "next_pane(1)", "Next pane", show=False, priority=True),
        Binding("shift+tab", "next_pane(-1)", "Pane before", show=False, priority=True),
        Binding("f1,question_mark", "help", "help", key_display="F1", tooltip="The manual"),
        Binding("s", "app.screenshot", "picture", tooltip="Save the screen as an SVG file"),
        Binding("escape", "close", "Close", show=False),
        Binding("ctrl+p", "app.command_palette", "All commands", show=False),
    ]

    def __init__(self, watch_session: WatchSession, leave: Callable[[], None]) -> None:
        super().__init__(id="watch")
        self.watch_session = watch_session
        self.paused = False
        self.busiest_first = False
        self.over = False
        self.pane = "lanes"
        self._leave = leave
        view = WatchView(watch_session.request.title, watch_session.request.pid)
        self._header = WatchHeader(view)
        self.lanes = WatchLanes("lanes", view, ThreadsPosition())
        self.ledgers = WatchLedgers("ledgers", view, ThreadsPosition(lately=False))
        self.output = WatchOutput(watch_session.request.output_path)
        self.sentence = SummaryLines()
        self._keys = KeyBar()

    # ---- as Textual wants it

    def compose(self) -> ComposeResult:
        """Yield header, panes, sentence and keys."""
        yield self._header
        with Container(id="panes"):
            yield from self._panes().values()
        yield self.sentence
        yield self._keys

    def on_mount(self) -> None:
        """Lay out the panes, and begin to listen."""
        for name, pane in self._panes().items():
            pane.border_title = f"{_TITLES[name]}"
        self.lay_out()
        self.sentence.show(_MOMENT)
        self.set_interval(LISTEN_S, self._listen)

    async def on_unmount(self) -> None:
        """Close the watch, however the screen is left: a program that it started ends."""
        await asyncio.to_thread(self.watch_session.close)

    def on_resize(self, event: events.Resize) -> None:
        """Lay out the panes for the new size."""
        del event
        self.lay_out()

    # ---- what is seen

    def _listen(self) -> None:
        if self.over or not self.is_attached:
            return
        if self.watch_session.listen():
            self.show()
        if self.watch_session.stays:
            self.over = True
            self.paused = False
            self.show()
        elif self.watch_session.over and self.is_active:  # not while the manual is open above it
            self.over = True
            self._leave()

    def show(self) -> None:
        """Draw what is known, unless the screen is paused."""
        self.output.look_again()
        if self.paused:
            return
        record, wanted = self.watch_session.record, self.watch_session.request
        view = make_watch_view(record, wanted.title, wanted.pid, busiest_first=self.busiest_first, over=self.over)
        self._header.show(view)
        for pane in (self.lanes, self.ledgers):
            pane.show(view)
        advice = judge_watch(record, recent=not self.over)
        self.sentence.show(tuple(each.sentence for each in advice) or _MOMENT)
        self._keys.show_keys(collect_key_hints(self))

    # ---- arrangement

    def lay_out(self) -> None:
        """Show the panes that fit at this size."""
        wide = self.size.width >= _WIDE and self.size.height >= _TALL
        tall = self.size.height >= _TALL
        self.set_class(wide, "-wide")
        beside = "ledgers" if self.pane == "lanes" else self.pane
        shown = set(PANES) if wide else {"lanes", beside} if tall else {self.pane}
        for name, pane in self._panes().items():
            pane.set_class(name in shown, "-shown")
        self._panes()[self.pane].focus()
        self._keys.show_keys(collect_key_hints(self))

    def _panes(self) -> dict[str, ScrollingPane]:
        return {"lanes": self.lanes, "ledgers": self.ledgers, "output": self.output}

    def commands(self) -> Iterator[SystemCommand]:
        """Yield all actions, for the command palette."""
        return list_commands(self, self.BINDINGS)

    # ---- keys

    def action_leave(self) -> None:
        """Stop watching, and end a program that was started; a second time, without waiting for it."""
        if self.over:
            self._leave()
            return
        self.watch_session.stop()
        if self.watch_session.request.pid is None:
            self.notify("The command is asked to end; q again ends it at once.")

    def action_close(self) -> None:
        """Close the screen if the program has ended."""
        if self.over:
            self._leave()

    def action_help(self) -> None:
        """Show the manual."""
        from pi_tui.ui.dialogs.help import open_help

        open_help(self.app)

    @property
    def help_topic(self) -> str:
        """The topic of the manual that explains this screen."""
        return "watch"

    def action_pause(self) -> None:
        """Pause, or continue with what is known now."""
        self.paused = not self.paused
        self.lanes.look(self.lanes.sight._replace(paused=self.paused))
        self.lanes.border_subtitle = "paused" if self.paused else ""
        self.show()

    def action_span(self) -> None:
        """Show the ledgers of the other span of time: the last second, or all."""
        self.ledgers.look(self.ledgers.sight._replace(lately=not self.ledgers.sight.lately))
        if "-shown" not in self.ledgers.classes:
            self.action_pane("ledgers")

    def action_order(self) -> None:
        """Sort threads by their activity, or by process and age."""
        self.busiest_first = not self.busiest_first
        self.show()

    def action_zoom(self, step: int) -> None:
        """Show more or less time per cell of the lanes."""
        place = ZOOMS.index(self.lanes.sight.zoom) + step
        self.lanes.look(self.lanes.sight._replace(zoom=ZOOMS[min(max(0, place), len(ZOOMS) - 1)]))

    def action_pane(self, name: str) -> None:
        """Go to a pane."""
        self.pane = name
        self.lay_out()

    def action_next_pane(self, step: int) -> None:
        """Go to the next pane, or the one before."""
        self.action_pane(PANES[(PANES.index(self.pane) + step) % len(PANES)])


def make_watch_view(record: WatchRecord, title: str, pid: int | None, *, busiest_first: bool, over: bool) -> WatchView:
    """Return what the screen shows of a record; threads by process and age, or the busiest of the last second first."""
    shown = record.visible_threads
    rows = [_make_row(record, thread) for thread in shown]
    if busiest_first:
        rows.sort(key=lambda row: (row.ended, -(row.recent.running_s or 0.0)))
    several = len({row.pid for row in rows}) > 1
    shown_rows: list[WatchRow] = []
    last = None
    for row in rows:
        if several and not busiest_first and row.pid != last:
            process = record.processes.get(row.pid)
            shown_rows.append(
                ProcessRow(row.pid, process.command if process else "", process.python if process else "")
            )
            last = row.pid
        shown_rows.append(row)
    latest = record.latest
    return WatchView(
        title=title,
        pid=pid,
        elapsed_s=record.elapsed_s,
        period_ns=record.period_ns,
        last_tick=round(record.elapsed_s * _NS / record.period_ns),
        rate_hz=record.rate_hz,
        certainty=record.certainty,
        rows=tuple(shown_rows),
        threads=sum(not row.ended for row in rows),
        unwatched=0 if latest is None else latest.unwatched,
        over=over,
    )


def _make_row(record: WatchRecord, thread: WatchedThread) -> ThreadRow:
    seen = thread.latest
    return ThreadRow(
        pid=seen.pid,
        tid=seen.tid,
        name=record.name_thread(seen).shown,
        letters=thread.letters,
        total=thread.total_ledger(),
        recent=thread.recent_ledger(),
        ended=seen.ended,
        waits_at=seen.waits_at,
    )
