"""No key has two meanings where the focus is: of the bindings from the focus up to the app, one at most applies."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest
from textual.actions import parse
from textual.app import App
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.pilot import Pilot

from pi_tui.ui.theme.base_app import ThemedApp
from tests.ui.kept import give, some_runs
from tests.ui.key_tables import classes_with_bindings
from tests.ui.pilot import opened, run_to_end, run_until, running, seen
from tests.ui.watched import WatchedBench

OURS = {
    (binding.action, key)
    for each in classes_with_bindings()
    for binding in vars(each)["BINDINGS"]
    if isinstance(binding, Binding)
    for key in binding.key.split(",")
}


@pytest.fixture
def bench(tmp_path: Path) -> WatchedBench:
    bench = WatchedBench(folder=tmp_path)
    some_runs(tmp_path / "history.sqlite3")
    give(bench, tmp_path / "history.sqlite3")
    return bench


@pytest.mark.parametrize("size", [(200, 60), (80, 24)])
async def test_on_the_bench(bench: WatchedBench, size: tuple[int, int]) -> None:
    async with opened(bench, size) as pilot:
        await check_all_panes(pilot)
        await run_until(pilot, bench, 8)
        await check_all_panes(pilot)
        await run_to_end(pilot, bench) if not bench.app.session.running else bench.laboratory.permit()
        await seen(pilot, "Run 1 is done")
        await check_all_panes(pilot)


@pytest.mark.parametrize("key", ["h", "p", "f1", "e", "l", "a"])
async def test_in_dialogs(bench: WatchedBench, key: str) -> None:
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        bench.laboratory.permit()
        await pilot.press(key)
        assert pilot.app.screen is not bench.app.bench
        await check_focusable(pilot)


async def test_two_meanings_are_found() -> None:
    class Twice(Container, can_focus=True):
        BINDINGS: ClassVar[list[BindingType]] = [Binding("x", "first", "first")]

        def action_first(self) -> None: ...

    class TwiceApp(App[None]):
        BINDINGS: ClassVar[list[BindingType]] = [Binding("x", "second", "second")]

        def compose(self) -> Any:
            yield Twice()

        def action_second(self) -> None: ...

    async with running(TwiceApp()) as pilot:
        pilot.app.query_one(Twice).focus()
        await pilot.pause()
        assert find_meanings(pilot.app, {("first", "x"), ("second", "x")}) == {"x": {"Twice.first", "TwiceApp.second"}}


async def check_all_panes(pilot: Pilot[Any]) -> None:
    """Check every pane with the focus in it, those that share a place with others too."""
    for pane in ("kernel", "mode", "samples", "workers", "run", "results", "losses", "source", "scaling", "lanes"):
        pilot.app.screen.action_show_pane(pane)
        await pilot.pause()
        check_keys(pilot.app)


async def check_focusable(pilot: Pilot[Any]) -> None:
    """Check every widget of the screen that takes the focus."""
    for widget in pilot.app.screen.focus_chain:
        widget.focus()
        await pilot.pause()
        check_keys(pilot.app)


def check_keys(app: ThemedApp) -> None:
    for key, meanings in find_meanings(app, OURS).items():
        assert len(meanings) == 1, f"{key} with the focus on {app.focused}: {meanings}"


def find_meanings(app: App[Any], ours: set[tuple[str, str]]) -> dict[str, set[str]]:
    """Return the actions that a key has now, by key: of the bindings that are ours, apply, and are not typed as text."""
    found: dict[str, set[str]] = {}
    for node, bindings in app.screen._modal_binding_chain:
        for key, each in bindings.key_to_bindings.items():
            for binding in each:
                if (
                    (binding.action, key) in ours
                    and app._check_action_state(binding.action, node)
                    and not typed(app, key)
                ):
                    found.setdefault(key, set()).add(resolve(app, node, binding.action))
    return found


def typed(app: App[Any], key: str) -> bool:
    """Whether the focused widget takes a key as text."""
    character = key if len(key) == 1 else None
    return app.focused is not None and app.focused.check_consume_key(key, character)


def resolve(app: App[Any], node: Any, action: str) -> str:
    """Return an action with the class of its owner: what `app.quit` is to a dialog, `quit` is to the app."""
    namespace, name, parameters = parse(action)
    owner = {"app": app, "screen": app.screen}.get(namespace, node)
    return f"{type(owner).__name__}.{name}" + (f"{parameters}" if parameters else "")
