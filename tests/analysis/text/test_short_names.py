from __future__ import annotations

from pi_tui.analysis.text.short_names import shorten_kernel_name


def test_labels_are_short() -> None:
    assert shorten_kernel_name("python") == "python"
    assert shorten_kernel_name("/far/away/work.py:func") == "work.py:func"
    assert shorten_kernel_name("work.py:func(depth=3)") == "work.py:func(depth=3)"
    assert shorten_kernel_name("work.py:func(depth=3, width=17)") == "work.py:func(…)"
