"""What Textual remembers of widgets that are gone."""

from __future__ import annotations

from contextlib import suppress


def forget_gone_widgets() -> None:
    """Let go of the lines that closed dialogs and old notices were drawn with.

    Textual 8.2 caches a method of each widget's cache by the instance (its issue 6665), so the last thousand widgets that were
    drawn stay for good, each with all its lines: the history kept a quarter of a megabyte each time it was opened. What is
    emptied here is two styles a widget, which are made anew at the next drawing. Where a later Textual has no such cache,
    nothing happens.
    """
    with suppress(ImportError, AttributeError):
        from textual._styles_cache import StylesCache

        StylesCache.get_inner_outer.cache_clear()
