"""The manual's key tables say what the screens' bindings say."""

from __future__ import annotations

from pi_tui.ui.widgets.actions import list_actions
from tests.ui.key_tables import PAGE, SECTIONS, classes_with_bindings, with_tables


def test_the_tables_are_those_of_the_bindings() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == with_tables(page), "python -m tests.ui.key_tables writes them anew"


def test_every_key_that_is_offered_is_in_a_table() -> None:
    named = {f"pi_tui.{module}" for _, modules in SECTIONS for module in modules}
    for each in classes_with_bindings():
        assert not list_actions(vars(each)["BINDINGS"]) or each.__module__ in named, (
            f"{each.__module__} is in no section"
        )
