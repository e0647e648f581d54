"""The help of a watch: keys, and what is seen."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from pi_tui.ui.dialogs.base import Dialog
from pi_tui.ui.drawing.paragraphs import Block, Entry, Heading, Paragraph
from pi_tui.ui.state.time_categories import GIL_WAIT, IO_WAIT, LOCK_WAIT, QUEUED, RUNNING, WAITING
from pi_tui.ui.widgets.text_view import TextPane

_KEYS = (
    ("1 2 3 tab", "lanes, ledger, output"),
    ("space", "hold everything still, or go on"),
    ("t", "where the time goes: of the last second, or since the start"),
    ("o", "the busiest threads first, or by process and age"),
    ("+ -", "finer or coarser lanes"),
    ("arrows PgUp PgDn", "scroll"),
    ("s", "save a picture of the screen"),
    ("ctrl+p", "every action by name; themes"),
    ("q", "stop watching; a command that was started is ended, a second q ends it at once"),
)
_SEEN = (
    (RUNNING, "on a core, or ready for one: the ledger tells the two apart"),
    (GIL_WAIT, "waiting for Python's GIL"),
    (LOCK_WAIT, "waiting for another lock, or for work that another thread will hand over"),
    (IO_WAIT, "asleep, or waiting for input or output"),
    (WAITING, "waiting; for what cannot be seen"),
    (QUEUED, "ready to run while others had the cores"),
)


def blocks() -> list[Block]:
    """The whole text."""
    told: list[Block] = [Heading("Keys")]
    told += [Entry(key, words) for key, words in _KEYS]
    told.append(Heading("What is seen"))
    told += [Entry(f"{meaning.glyph * 2} {meaning.label}", words, name_ink=meaning.ink) for meaning, words in _SEEN]
    told += [
        Heading("How"),
        Paragraph(
            "Many times a second the system is asked what each thread does: it runs, or it is blocked in a system call. "
            "The clocks that the system keeps of each thread tell how long it ran and how long it was ready; what is left "
            "is waiting, divided as the lanes saw it. The program is neither changed nor stopped for that. The rate goes "
            "down as threads become more, so that looking takes about three per cent of a core."
        ),
        Paragraph(
            "Where the system lets nobody see system calls, the lanes tell running from waiting by the state alone; the "
            "first line then says so."
        ),
    ]
    return told


class WatchHelp(Dialog[None]):
    """One text to scroll in."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f1,question_mark,q,enter", "leave", "close", show=False)]

    def compose(self) -> ComposeResult:
        """The text, in a box that scrolls."""
        pane = TextPane(blocks(), id="help-text")
        pane.border_title = "Help"
        pane.tell_keys("arrows scroll", "Escape closes")
        yield pane
