"""The help: keys, panes, words, and what the colours mean."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from pi_tui.ui.dialogs.base import Dialog
from pi_tui.ui.drawing.paragraphs import Block, Entry, Heading
from pi_tui.ui.state.time_categories import BETWEEN, COLLECT, EXTRA, IMBALANCE, MEANINGS
from pi_tui.ui.widgets.text_view import TextPane


class HelpScreen(Dialog[None]):
    """One text to scroll in."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f1,question_mark,q,enter", "leave", "close", show=False)]

    def compose(self) -> ComposeResult:
        """The text, in a box that scrolls."""
        pane = TextPane(help_blocks(), id="help-text")
        pane.border_title = "Help"
        pane.tell_keys("arrows scroll", "Escape closes")
        yield pane


KEYS = (
    ("r", "run everything that is ticked: kernels × modes × samples × workers"),
    ("x", "stop what runs, within a second"),
    ("g", "the other GIL setting: numba becomes numba-nogil and back; GIL on or off in a free-threaded build"),
    ("a", "A/B: both GIL settings of what is ticked, their trials in turn, side by side with one sentence"),
    ("p", "Pythons: which interpreters to measure with; several at once are one more dimension of the run"),
    ("Tab, Shift+Tab", "the next pane, the pane before; left and right do so from the choosers too"),
    ("Arrows", "move in a pane; Home, End, PgUp and PgDn go further"),
    ("Space, Enter", "tick or untick; change or type a value; press a button"),
    ("m, t", "in Mode: the next start method, the next transport (each in turn, then all of them)"),
    ("f", "open a file: a function of your own as a kernel, ./work.py:func; it is read again at every run"),
    ("1, 2, 3, 4", "results; where did the speed-up go; source; scaling"),
    ("c, n, i", "in Scaling: the next chart; one series after the other alone; what if there were 64, 1024 workers"),
    ("+, -, 0, d", "in Scaling: closer, farther (arrows move then), everything; draw the chart into a file"),
    ("w", "the workers' lanes. There: space holds them still, Enter or a double click opens the microscope"),
    ("o, O", "in Results: sort by the next column, turn the order round; a click on a title does both"),
    ("v", "view any program's threads, by its process id or a command that is started; as pi-tui watch does"),
    ("/", "show only rows that have these words in them: numba threads workers=2 failed run=1"),
    ("l", "everything about the selected row: its trials, its error and what it printed"),
    ("e", "export the results: json, jsonl, csv, md, html or pyperf"),
    ("h", "history: all runs by date, to open, compare, note, mark, delete, export and replay"),
    (
        "Enter, c, m",
        "in the History: bring the run into the tabs; compare it with the reference; mark it as the reference",
    ),
    ("n, d, u, t, p", "in the History: note, delete, bring back, every trial, replay"),
    ("space, <, >", "in a replay: hold it or go on; slower, faster; x ends it"),
    ("s", "save a picture of the screen (SVG)"),
    ("Ctrl+P", "all commands by name; themes as well"),
    ("F1, ?", "this help"),
    ("Ctrl+Z", "back to the shell, while nothing runs; fg returns"),
    ("q, Ctrl+Q", "leave; what runs is stopped first"),
)

PANES = (
    ("Kernel", "what is computed: points thrown at a circle, or a sort. A learner should read its source (3)."),
    ("Mode", "how the tasks run at once. Processes carry a start method, and a transport for their results."),
    ("Samples", "how much each task computes."),
    ("Workers", "how many threads, interpreters or processes; each gets one task."),
    ("Run", "how many cases that makes and about how long they take; interpreter, GIL, repeats, host."),
    ("Cores", "how busy each core is: the last second, and the minutes before. Dashed is what others use."),
    ("Lanes", "a line a worker, 2 ms a cell, the newest at the right: who runs, who waits, and for what."),
    ("Microscope", "200 ms of a trial, a tick a cell, with the hand-offs counted. Arrows scroll through the trial."),
    (
        "Results",
        "one row a case, live; the line below says what it means. Of more than 300 rows the oldest runs leave.",
    ),
    ("Where did ...?", "a bar a row, as long as it has workers: what became speed-up, and where the rest went."),
    ("Scaling", "charts of the selected row's run: speed-up against workers, time against samples, time a task."),
    ("History", "every run that was kept. A row from it says which run it is from, and is not exported as a new one."),
    ("Source", "the files that run, exactly as they run."),
)

WORDS = (
    ("case", "one combination of everything that is ticked"),
    ("trial", "one timed execution of a case: a warm-up first, then as many as there are repeats, cases in turn"),
    ("wall", "seconds from a trial's start to its end: the median of the measured ones ± their median deviation"),
    ("baseline", "one task in one thread, measured without being asked; what the others are compared with"),
    ("speed-up", "the baseline's time for as many samples, by the wall; a full bar is the ideal"),
    ("ideal", "as many as there are workers, and usable cores for them"),
    (
        "waiting",
        "the share of all workers' time in which they were blocked: the sentence tells of the last of them",
    ),
    ("hand-off", "one worker stopped running and another took over, as they do at the GIL every 5 ms"),
    ("extra", "a core was busy without getting on: memory, caches, a spinning lock"),
    ("imbalance", "the worker that finished last had more than its fair share to do"),
    ("collect", "from the last worker's end to the trial's: joining, results on their way home"),
    ("estimate", "what the kernel computed (π, or a share of one half): every run is also a check of itself"),
    ("|z|", "by how many standard deviations the estimate is off; above 4 something is wrong"),
    ("beat", "how late this app's own heartbeat comes: what a held GIL does to a screen"),
    ("host", "the process that does the work. Inside this app it fights the screen for one GIL: try it"),
)


MORE_PARTS = (BETWEEN, EXTRA, IMBALANCE, COLLECT)


def help_blocks() -> list[Block]:
    """The whole help."""
    blocks: list[Block] = []
    for title, entries in (("Keys", KEYS), ("Panes", PANES), ("Words", WORDS)):
        blocks.append(Heading(title))
        blocks += [Entry(name, words) for name, words in entries]
    blocks.append(Heading("What time is spent on"))
    blocks += [Entry(meaning.glyph * 4, meaning.label, name_ink=meaning.ink) for meaning in (*MEANINGS, *MORE_PARTS)]
    return blocks
