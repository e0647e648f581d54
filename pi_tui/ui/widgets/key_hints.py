"""The keys in the last line, the most important first."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen

from pi_tui.ui.drawing.status_bar import KeyHint

_ORDER = (
    "open_run",
    "compare_runs",
    "mark",
    "replay",
    "note",
    "delete_run",
    "undo",
    "trials",
    "start_run",
    "hold_replay",
    "stop_run",
    "pace_replay(0.5)",
    "pace_replay(2)",
    "pause",
    "magnify",
    "toggle_gil",
    "compare",
    "tick",
    "next_chart(1)",
    "predict",
    "zoom(-1)",
    "zoom(1)",
    "next_series(1)",
    "list_series",
    "save",
    "use",
    "pythons",
    "history",
    "start_method",
    "transport",
    "open_row",
    "filter",
    "submit",
    "leave",
    "help",
    "export",
    "open_file",
    "sort_next",
    "show_pane('lanes')",
    "watch_program",
    "screenshot",
    "show_pane('results')",
    "show_pane('losses')",
    "show_pane('source')",
    "show_pane('scaling')",
)
"""Actions by importance. Those of the tabs are last, as the tabs' titles show their keys."""


def collect_key_hints(screen: Screen[Any], but: str = "") -> tuple[KeyHint, ...]:
    """Return the keys that apply now with their words and click actions, except those of the action `but`."""
    found: dict[str, KeyHint] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        if binding.show and active.enabled and binding.action not in (*found, but, f"app.{but}"):
            key = binding.key_display or screen.app.get_key_display(binding)
            found[binding.action] = KeyHint(key, binding.description, f"app.press('{binding.key}')")
    return tuple(sorted(found.values(), key=lambda hint: _rank(hint, found)))


def _rank(hint: KeyHint, found: dict[str, KeyHint]) -> int:
    action = next(action for action, each in found.items() if each is hint).removeprefix("app.").removeprefix("screen.")
    return _ORDER.index(action) if action in _ORDER else len(_ORDER)
