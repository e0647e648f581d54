"""The screen of a watch: lanes, ledgers, output, one sentence, and the keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import Screen

from pi_tui.analysis.watch_verdict import verdict
from pi_tui.analysis.watched import WatchRecord
from pi_tui.ui.keys import hints
from pi_tui.ui.renderables.watched import Sight, WatchView
from pi_tui.ui.watch.panes import Scrolled, WatchHeader, WatchLanes, WatchLedgers, WatchOutput
from pi_tui.ui.watch.view import view_of
from pi_tui.ui.widgets.status_lines import KeyLine, SentenceLines

if TYPE_CHECKING:
    from pi_tui.host.sightings import Sighting

ZOOMS = (1, 2, 5, 10, 25, 50, 100)
_TALL, _WIDE = 30, 150
PANES = ("lanes", "ledgers", "output")
_TITLES = {"lanes": "Threads: who runs, who waits", "ledgers": "Where the time goes", "output": "Output"}


class WatchScreen(Screen[None]):
    """Shows a program's threads as they are seen.

    Args:
        title: the command line.
        pid: the process, where it ran already.
        kept: the file that holds what the program prints.
        leave: what `q` does.
    """

    CSS_PATH = Path(__file__).with_name("watch.tcss")

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "leave", "quit", tooltip="Stop watching; a command that was started is ended"),
        Binding("space", "pause", "pause", tooltip="Hold everything still, or let it go on"),
        Binding("t", "span", "second/all", tooltip="Where the time goes: of the last second, or since the start"),
        Binding("o", "order", "order", tooltip="The busiest threads first, or by process and age"),
        Binding("plus,equals_sign", "zoom(-1)", "finer", key_display="+", tooltip="A cell of the lanes is less time"),
        Binding("minus", "zoom(1)", "coarser", key_display="-", tooltip="A cell of the lanes is more time"),
        Binding("1", "pane('lanes')", "lanes", tooltip="Who runs, who waits"),
        Binding("2", "pane('ledgers')", "ledger", tooltip="Where each thread's time goes"),
        Binding("3", "pane('output')", "output", tooltip="What the program prints"),
        Binding("tab", "next_pane(1)", "Next pane", show=False, priority=True),
        Binding("shift+tab", "next_pane(-1)", "Pane before", show=False, priority=True),
    ]

    def __init__(self, title: str, pid: int | None, kept: Path | None, leave: Callable[[], None]) -> None:
        super().__init__(id="watch")
        self.record = WatchRecord()
        self.paused = False
        self.busiest_first = False
        self.over = False
        self.pane = "lanes"
        self._about = title
        self._pid = pid
        self._leave = leave
        view = WatchView(title, pid)
        self._header = WatchHeader(view)
        self.lanes = WatchLanes("lanes", view, Sight())
        self.ledgers = WatchLedgers("ledgers", view, Sight(lately=False))
        self.output = WatchOutput(kept)
        self.sentence = SentenceLines()
        self._keys = KeyLine()

    # ---- as Textual wants it

    def compose(self) -> ComposeResult:
        """Header, panes, sentence, keys."""
        yield self._header
        with Container(id="panes"):
            yield from self._panes().values()
        yield self.sentence
        yield self._keys

    def on_mount(self) -> None:
        """Lay the panes out; the keys follow what has the focus."""
        for name, pane in self._panes().items():
            pane.border_title = f"{_TITLES[name]}"
        self.lay_out()
        self.sentence.show(("Looking: a moment, please.",))

    def on_resize(self, event: events.Resize) -> None:
        """Lay the panes out anew."""
        del event
        self.lay_out()

    # ---- what is told to it

    def add(self, sighting: Sighting) -> None:
        """The next sighting; nothing is drawn before `show`."""
        self.record.add(sighting)

    def show(self) -> None:
        """Draw what is known, unless a person holds it still."""
        self.output.look_again()
        if self.paused:
            return
        view = view_of(self.record, self._about, self._pid, busiest_first=self.busiest_first, over=self.over)
        self._header.show(view)
        for pane in (self.lanes, self.ledgers):
            pane.show(view)
        advice = verdict(self.record, recent=not self.over)
        self.sentence.show(tuple(each.sentence for each in advice) or ("Looking: a moment, please.",))
        self._keys.show_keys(hints(self))

    def end(self) -> None:
        """The program is over."""
        self.over = True
        self.paused = False
        self.show()

    # ---- arrangement

    def lay_out(self) -> None:
        """Which panes are shown at this size, and where."""
        wide = self.size.width >= _WIDE and self.size.height >= _TALL
        tall = self.size.height >= _TALL
        self.set_class(wide, "-wide")
        beside = "ledgers" if self.pane == "lanes" else self.pane
        shown = set(PANES) if wide else {"lanes", beside} if tall else {self.pane}
        for name, pane in self._panes().items():
            pane.set_class(name in shown, "-shown")
        self._panes()[self.pane].focus()
        self._keys.show_keys(hints(self))

    def _panes(self) -> dict[str, Scrolled]:
        return {"lanes": self.lanes, "ledgers": self.ledgers, "output": self.output}

    # ---- keys

    def action_leave(self) -> None:
        """Stop watching."""
        self._leave()

    def action_pause(self) -> None:
        """Hold still, or go on with what is now."""
        self.paused = not self.paused
        self.lanes.look(self.lanes.sight._replace(paused=self.paused))
        self.lanes.border_subtitle = "paused" if self.paused else ""
        self.show()

    def action_span(self) -> None:
        """The other span of time."""
        self.ledgers.look(self.ledgers.sight._replace(lately=not self.ledgers.sight.lately))
        if "-shown" not in self.ledgers.classes:
            self.action_pane("ledgers")

    def action_order(self) -> None:
        """The other order."""
        self.busiest_first = not self.busiest_first
        self.show()

    def action_zoom(self, step: int) -> None:
        """Finer or coarser lanes."""
        place = ZOOMS.index(self.lanes.sight.zoom) + step
        self.lanes.look(self.lanes.sight._replace(zoom=ZOOMS[min(max(0, place), len(ZOOMS) - 1)]))

    def action_pane(self, name: str) -> None:
        """Go to a pane."""
        self.pane = name
        self.lay_out()

    def action_next_pane(self, step: int) -> None:
        """Go to the next pane, or the one before."""
        self.action_pane(PANES[(PANES.index(self.pane) + step) % len(PANES)])
