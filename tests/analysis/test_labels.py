from __future__ import annotations

from pi_tui.analysis.text.short_names import label


def test_labels_are_short() -> None:
    assert label("python") == "python"
    assert label("/far/away/work.py:func") == "work.py:func"
    assert label("work.py:func(depth=3)") == "work.py:func(depth=3)"
    assert label("work.py:func(depth=3, width=17)") == "work.py:func(…)"
