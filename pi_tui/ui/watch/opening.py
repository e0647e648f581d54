"""Opening a watch on the terminal."""

from __future__ import annotations

from pi_tui.engine.errors import HostError
from pi_tui.ui.state.watch_session import Course
from pi_tui.ui.theme.shutdown import BY_SIGNAL
from pi_tui.ui.watch.app import WatchApp


def open_watch(course: Course, *, ascii: bool, light: bool) -> bool:
    """Show a watch on the terminal until it is over; whether a signal has ended it.

    Raises:
        HostError: the watcher is gone, or the screen broke down.
    """
    app = WatchApp(course, ascii_only=ascii, light=light)
    app.run()
    if course.failed is not None:
        raise course.failed
    if app.return_code not in (None, 0, BY_SIGNAL):
        raise HostError("The screen broke down.")
    return app.return_code == BY_SIGNAL
