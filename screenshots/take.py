"""The pictures of the README, taken of the real laboratory at work: `make screenshots`.

Keys are pressed as a person would, runs are real, nothing is drawn by hand. Each picture is a PNG where chromium is at hand
(it alone sets every glyph in its cell), an SVG elsewhere.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from pi_tui.engine.paths import Paths
from pi_tui.engine.watch_client import make_command_target, start_watch
from pi_tui.ui.adapters import outside_of
from pi_tui.ui.app import LaboratoryApp
from pi_tui.ui.state.watch_session import Course, Wanted
from pi_tui.ui.watch.app import WatchApp

HERE = Path(__file__).parent
PATIENCE_S = 300.0
TWO_THREADS = """
import threading
def work():
    while True:
        sum(range(10_000))
for name in "one", "other":
    threading.Thread(target=work, name=name).start()
"""
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
PIXELS_A_UNIT = 1.0


class Photographer:
    """One laboratory of a size, of which pictures are taken: `taken` holds them by name, as SVG."""

    def __init__(self, app: LaboratoryApp, pilot: Pilot[Any], size: tuple[int, int]) -> None:
        self.app = app
        self.pilot = pilot
        self.size = size
        self.taken: dict[str, str] = {}

    async def until(self, happened: Callable[[], bool]) -> None:
        """Wait for a condition."""
        deadline = time.monotonic() + PATIENCE_S
        while not happened():
            if time.monotonic() > deadline:
                raise TimeoutError("the screen never came to what was to be photographed")
            await self.pilot.pause(0.05)

    async def run(self) -> None:
        """Press r and wait for the end of the run."""
        await self.pilot.press("r")
        await self.until(lambda: self.app.session.running)
        await self.until(lambda: not self.app.session.running)

    async def take(self, name: str) -> None:
        """Keep the screen as it is, once it has been drawn."""
        await self.pilot.pause(0.3)
        columns, lines = self.size
        self.taken[f"{name}-{columns}x{lines}"] = self.app.export_screenshot(title="pi-tui")


def keep(svg: str, base: Path) -> None:
    """Write a picture as PNG, or as SVG where there is nothing that can draw it."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        base.with_suffix(".svg").write_text(svg)
        print(base.with_suffix(".svg").name)
        return
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    assert box is not None, "Textual's pictures have a view box"
    width, height = (round(float(side)) for side in box.groups())
    local = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)  # the font that is installed, nothing from outside
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(f"<style>body{{margin:0}}svg{{width:{width}px;height:{height}px}}</style>{local}")
        command = [
            *(browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
            f"--force-device-scale-factor={PIXELS_A_UNIT}",
            f"--user-data-dir={folder}/profile",
            f"--window-size={width},{height}",
            f"--screenshot={base.with_suffix('.png')}",
            page.as_uri(),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    print(base.with_suffix(".png").name)


async def tour(photographer: Photographer) -> None:
    """First start, a run, the GIL, the losses, the source, both GIL settings side by side."""
    session, pilot = photographer.app.session, photographer.pilot
    await pilot.pause(8.0)  # some history of the cores
    await photographer.take("start")
    await pilot.press("r")
    await photographer.until(
        lambda: session.progress is not None and session.progress.done > session.progress.total / 2
    )
    await photographer.take("running")
    await photographer.until(lambda: not session.running)
    await pilot.press("g")
    await photographer.run()
    await pilot.press("1", "home", "down")
    await photographer.take("results")
    await pilot.press("w", "enter")
    await photographer.take("microscope")
    await pilot.press("escape", "2")
    await photographer.take("losses")
    await pilot.press("3")
    await photographer.take("source")
    await scaling(photographer)
    await side_by_side(photographer)
    await history(photographer)


async def side_by_side(photographer: Photographer) -> None:
    """Both GIL settings at trials of a fifth of a second, which show turns; then everything as it was."""
    bench, session = photographer.app.bench, photographer.app.session
    before = bench.selection
    bench.choose(replace(before, samples=(10_000_000,)))
    await photographer.pilot.press("1", "a")
    await photographer.until(lambda: session.running)
    await photographer.until(lambda: not session.running)
    await photographer.take("ab")
    await photographer.pilot.press("escape")
    bench.choose(before)


async def scaling(photographer: Photographer) -> None:
    """Three numbers of workers; then everything as it was."""
    bench = photographer.app.bench
    before = bench.selection
    bench.choose(replace(before, workers=(1, 2, 4)))
    await photographer.run()
    await photographer.pilot.press("4")
    await photographer.until(lambda: bench.scaling.view.study is not None and bench.scaling.view.prepared)
    await photographer.take("scaling")
    bench.choose(before)


async def history(photographer: Photographer) -> None:
    """The runs of this visit, the first of them noted and marked."""
    pilot = photographer.pilot
    await pilot.press("h")
    await pilot.pause(1.0)
    await pilot.press("end", "n", *"first start", "enter")
    await pilot.pause(1.0)
    await pilot.press("m")
    await pilot.pause(1.0)
    await pilot.press("home")
    await photographer.take("history")
    await pilot.press("escape")


async def glance(photographer: Photographer) -> None:
    """One run at another size."""
    await photographer.run()
    await photographer.pilot.press("1", "home", "down")
    await photographer.take("results")


async def by_day(photographer: Photographer) -> None:
    """One run in the light theme."""
    await photographer.run()
    await photographer.pilot.press("1", "home", "down")
    await photographer.take("light")


async def pictures(
    size: tuple[int, int], visit: Callable[[Photographer], Awaitable[None]], *, light: bool = False
) -> dict[str, str]:
    """Open a laboratory, visit it, close it; what was taken."""
    app = LaboratoryApp(outside_of(), light=light)
    async with app.run_test(size=size) as pilot:
        photographer = Photographer(app, pilot, size)
        await visit(photographer)
    return photographer.taken


async def watching(size: tuple[int, int]) -> dict[str, str]:
    """A real watch of two threads of pure Python that take turns."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "work.py"
        program.write_text(TWO_THREADS)
        target = replace(make_command_target((sys.executable, str(program))), title="python work.py")
        kept = Path(folder) / "printed"
        watch = start_watch(target, Paths.from_environment(os.environ), os.environ, kept)
        app = WatchApp(Course(watch, Wanted(target.title, None, kept), time.monotonic))
        columns, lines = size
        async with app.run_test(size=size) as pilot:
            await pilot.pause(6.0)  # a second of which the sentence can tell, and some for the ledgers
            return {f"watch-{columns}x{lines}": app.export_screenshot(title="pi-tui watch")}


def main() -> None:
    """All pictures; drawn last, as a browser at work would be in them."""
    taken: dict[str, str] = {}
    os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")  # whatever this terminal is
    os.environ.pop("NO_COLOR", None)
    with tempfile.TemporaryDirectory(prefix="pi-tui-pictures-") as home:  # nothing of this goes into a person's history
        os.environ["PI_TUI_HOME"] = home
        for size, visit in (((120, 40), tour), ((80, 24), glance), ((200, 60), glance)):
            taken |= asyncio.run(pictures(size, visit))
        taken |= asyncio.run(pictures((120, 40), by_day, light=True))
        taken |= asyncio.run(watching((120, 40)))
    for name, svg in taken.items():
        keep(svg, HERE / name)


if __name__ == "__main__":
    main()
