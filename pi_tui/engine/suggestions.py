"""Suggest what the user meant when a name is unknown."""

from __future__ import annotations

import difflib
from collections.abc import Collection


def describe_unknown_name(what: str, name: str, known: Collection[str]) -> str:
    """Return the sentence for an unknown name, with the nearest known name or all of them."""
    by_folded = {each.casefold(): each for each in known}
    near = [by_folded[each] for each in difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.5)]
    return f"there is no {what} {name!r}" + (f": did you mean {near[0]!r}?" if near else f": {', '.join(known)}")
