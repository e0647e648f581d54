"""The manual on the screen: its topics, a page to scroll in, and a search through all pages."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import ClassVar, NamedTuple, Protocol, runtime_checkable

from textual import events, on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from pi_tui.manual.layout import lay_out
from pi_tui.manual.markdown import Span as ManualSpan
from pi_tui.manual.pages import TOPICS, compile_search, page_title, parse_page
from pi_tui.ui.dialogs.base import Dialog
from pi_tui.ui.drawing.spans import Line, Span
from pi_tui.ui.state.time_categories import BETWEEN, COLLECT, EXTRA, IMBALANCE, TIME_CATEGORIES
from pi_tui.ui.widgets.dialog_box import DialogBox
from pi_tui.ui.widgets.line_widget import LineWidget
from pi_tui.ui.widgets.prompt import Prompt
from pi_tui.ui.widgets.text_view import TextView

DEFAULT_TOPIC = "keys"
_WIDE_CELLS = 92
"""From this width on the topics stand beside the page."""
_LIST_CELLS = 22
_LINES_ABOVE = 3
"""How many lines stay visible above a match."""
_STYLES = {
    "text": "text",
    "code": "key",
    "block": "text",
    "strong": "strong",
    "link": "text",
    "heading": "title",
    "title": "title",
    "faint": "muted",
}
_GLYPH_STYLES = {meaning.glyph: meaning.style for meaning in (*TIME_CATEGORIES, BETWEEN, EXTRA, IMBALANCE, COLLECT)}


@runtime_checkable
class HasHelpTopic(Protocol):
    """A screen that knows which topic of the manual explains what it shows."""

    @property
    def help_topic(self) -> str:
        """The name of the topic."""


def open_help(app: App[None]) -> None:
    """Open the manual above the present screen, at the topic that explains it."""
    screen = app.screen
    if not isinstance(screen, HelpScreen):
        topic = screen.help_topic if isinstance(screen, HasHelpTopic) else DEFAULT_TOPIC
        app.push_screen(HelpScreen(topic))


class Place(NamedTuple):
    """A match of the search: its topic, and its number among the matches of that page."""

    topic: str
    number: int


class TopicList(ScrollView, LineWidget, can_focus=True):
    """The list of topics; the page follows its cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("home", "move(-1000)", "First", show=False),
        Binding("end", "move(1000)", "Last", show=False),
        Binding("enter,right", "screen.read", "Read", show=False),
    ]

    class Moved(Message):
        """The cursor is on another topic."""

    def __init__(self, topic: str) -> None:
        super().__init__(id="help-topics")
        self.topic = topic
        self.virtual_size = Size(_LIST_CELLS, len(TOPICS))

    def render_line(self, y: int) -> Strip:
        """Return one topic."""
        cells = self.scrollable_content_region.width
        index = y + self.scroll_offset.y
        if index >= len(TOPICS):
            return self.make_strip([], cells)
        chosen = TOPICS[index] == self.topic
        ground = ("cursor" if self.has_focus else "cursor-away") if chosen else ""
        return self.make_strip([Span(f" {page_title(TOPICS[index])}", "strong" if chosen else "text")], cells, ground)

    def show(self, topic: str) -> None:
        """Put the cursor on a topic."""
        self.topic = topic
        self.scroll_to_region(Region(0, TOPICS.index(topic), 1, 1), animate=False)
        self.refresh()

    def action_move(self, steps: int) -> None:
        """Move the cursor."""
        place = min(max(0, TOPICS.index(self.topic) + steps), len(TOPICS) - 1)
        self.show(TOPICS[place])
        self.post_message(self.Moved())

    def on_click(self, event: events.Click) -> None:
        """Go to the topic that was clicked."""
        if (place := event.y + self.scroll_offset.y) < len(TOPICS):
            self.action_move(place - TOPICS.index(self.topic))


class HelpScreen(Dialog[None]):
    """The manual.

    Args:
        topic: the page to begin with.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,question_mark,q", "leave", "close", show=False, tooltip="Close the manual"),
        Binding("slash", "search", "search", key_display="/", tooltip="Search all topics"),
        Binding("n", "next_match(1)", "next match", tooltip="Go to the next match"),
        Binding("N", "next_match(-1)", "match before", tooltip="Go to the match before"),
        Binding(
            "tab,shift+tab",
            "change_side",
            "topics",
            show=False,
            priority=True,
            tooltip="Go to the topics, or back to the page",
        ),
    ]

    def __init__(self, topic: str = DEFAULT_TOPIC) -> None:
        super().__init__()
        self._topic = topic
        self._pattern: re.Pattern[str] | None = None
        self._wanted = ""
        self._places: list[Place] = []
        self._place: Place | None = None
        self._lines_by_page: dict[tuple[str, int], list[Line]] = {}

    def compose(self) -> ComposeResult:
        """Yield the topics and a page in one box, and the line to type a search in."""
        self._topics = TopicList(self._topic)
        self._page = TextView(self._lay_out_page, id="help-page")
        self._prompt = Prompt()
        self._box = DialogBox(Horizontal(self._topics, self._page), self._prompt, id="help", classes="dialog-box")
        self._box.border_title = "Manual"
        self._box.set_border_keys("Tab topics", "/ search", "n N matches", "arrows scroll", "Escape closes")
        yield self._box

    def on_mount(self) -> None:
        """Give the page the focus."""
        self._page.focus()
        self._show_sides()

    def on_resize(self) -> None:
        """Show the topics beside the page, or in its place."""
        self._show_sides()

    def _show_sides(self) -> None:
        wide = self.size.width >= _WIDE_CELLS
        self._topics.display = wide or self.focused is self._topics
        self._page.display = wide or not self._topics.display

    def on_descendant_focus(self) -> None:
        """Show only the side with the focus in a narrow terminal."""
        if self.focused in (self._topics, self._page):
            self._show_sides()

    # ---- topics

    @on(TopicList.Moved)
    def _topic_moved(self) -> None:
        self._place = None
        self.open_topic(self._topics.topic)

    def open_topic(self, topic: str) -> None:
        """Show a page from its beginning."""
        self._topic = topic
        self._topics.show(topic)
        self._page.show(self._lay_out_page)
        self._page.scroll_to(y=0, animate=False, immediate=True, force=True)

    def action_read(self) -> None:
        """Go from the topics to the page."""
        self._go_to(self._page)

    def action_change_side(self) -> None:
        """Go from the page to the topics, or back."""
        self._go_to(self._page if self.focused is self._topics else self._topics)

    def _go_to(self, side: TopicList | TextView) -> None:
        side.display = True  # a hidden widget takes no focus
        side.focus()

    # ---- the page

    def _lay_out_page(self, cells: int) -> list[Line]:
        lines = self._laid_out(self._topic, cells)
        if self._pattern is None:
            return lines
        current = self._place.number if self._place is not None and self._place.topic == self._topic else -1
        return _mark_matches(lines, self._pattern, current)

    def _laid_out(self, topic: str, cells: int) -> list[Line]:
        """Return a page as lines, cached while the manual is open: a search reads every page more than once."""
        if (lines := self._lines_by_page.get((topic, cells))) is None:
            lines = [[_draw_span(span) for span in line] for line in lay_out(parse_page(topic), cells)]
            self._lines_by_page[topic, cells] = lines
        return lines

    # ---- search

    def action_search(self) -> None:
        """Ask for the words to search."""
        example = "GIL wait, --until-stable, fork"
        self._prompt.ask("search", "Search", value=self._wanted, example=example, check=self._check)

    def _check(self, wanted: str) -> str:
        """Return why a search finds nothing; empty where it finds something, or where it is cleared."""
        if not wanted.strip() or self._find(compile_search(wanted)):
            return ""
        return f"The manual does not mention {wanted.strip()!r}."

    def on_prompt_answered(self, event: Prompt.Answered) -> None:
        """Search, and go to the first match from here on."""
        event.stop()
        self._go_to(self._page)
        if event.text is None:
            return
        self._wanted = event.text.strip()
        self._pattern = compile_search(self._wanted) if self._wanted else None
        self._places = self._find(self._pattern) if self._pattern is not None else []
        self._place = None
        if self._places:
            self.action_next_match(1)
        else:
            self._box.border_title = "Manual"
            self._page.show(self._lay_out_page)

    def _find(self, pattern: re.Pattern[str]) -> list[Place]:
        """Return the matches of all pages, those of the present page first."""
        here = TOPICS.index(self._topic)
        topics = (*TOPICS[here:], *TOPICS[:here])
        return [Place(topic, number) for topic in topics for number in range(len(self._matches(topic, pattern)))]

    def _matches(self, topic: str, pattern: re.Pattern[str]) -> list[re.Match[str]]:
        return list(pattern.finditer(_joined(self._laid_out(topic, self._page.cells))))

    def action_next_match(self, step: int) -> None:
        """Go to the next match, or the one before; after the last comes the first."""
        if not self._places or self._pattern is None:
            return
        number = (self._places.index(self._place) + step) % len(self._places) if self._place in self._places else 0
        self._place = self._places[number]
        if self._place.topic != self._topic:
            self.open_topic(self._place.topic)
        self._page.show(self._lay_out_page)
        matches = self._matches(self._topic, self._pattern)
        if self._place.number < len(matches):  # another width breaks lines elsewhere and may split a match
            start = matches[self._place.number].start()
            line = matches[self._place.number].string.count("\n", 0, start)
            self._page.scroll_to(y=max(0, line - _LINES_ABOVE), animate=False, immediate=True, force=True)
        self._box.border_title = f"Manual · {self._wanted}: {number + 1} of {len(self._places)}"


def _draw_span(span: ManualSpan) -> Span:
    """Return a span with its style; the glyphs of charts and bars keep their own styles."""
    glyphs = set(span.text)
    if span.style == "code" and len(glyphs) == 1 and len(span.text) > 1 and (style := _GLYPH_STYLES.get(span.text[0])):
        return Span(span.text, style)
    return Span(span.text, _STYLES[span.style])


def _joined(lines: Sequence[Line]) -> str:
    return "\n".join("".join(span.text for span in line) for line in lines)


def _mark_matches(lines: Sequence[Line], pattern: re.Pattern[str], current: int) -> list[Line]:
    """Return the lines with a background behind every match; a match may continue in the next line."""
    text = _joined(lines)
    starts = list(accumulate((sum(len(span.text) for span in line) + 1 for line in lines[:-1]), initial=0))
    marked: list[Line] = list(lines)
    for number, match in enumerate(pattern.finditer(text)):
        ground = "cursor" if number == current else "cursor-away"
        for index in range(
            bisect_right(starts, match.start()) - 1, bisect_right(starts, max(match.start(), match.end() - 1))
        ):
            marked[index] = _mark(marked[index], match.start() - starts[index], match.end() - starts[index], ground)
    return marked


def _mark(line: Line, start: int, end: int, ground: str) -> Line:
    marked: list[Span] = []
    at = 0
    for span in line:
        inside = slice(max(0, start - at), max(0, end - at))
        before, within, after = (
            span.text[: inside.start],
            span.text[inside],
            span.text[max(inside.start, inside.stop) :],
        )
        marked += [span._replace(text=text) for text in (before,) if text]
        if within:
            marked.append(span._replace(text=within, style=f"{span.style.partition('/')[0]}/{ground}"))
        marked += [span._replace(text=text) for text in (after,) if text]
        at += len(span.text)
    return marked
