"""The sources of kernels and modes."""

from __future__ import annotations

from hypothesis import strategies as st

from pi_tui.ui.drawing.spans import (
    Span,
)
from pi_tui.ui.state.source_files import read_kernel_source, read_mode_source

words = st.text(st.characters(blacklist_categories=("C", "Z")), max_size=12)


lines = st.lists(st.builds(Span, words), max_size=5)


def test_sources_know_the_line_of_their_function() -> None:
    kernel, mode = read_kernel_source("numba-nogil"), read_mode_source("processes")
    assert "count_hits_nogil" in kernel.title
    lines = kernel.text.splitlines()
    assert any("count_hits_nogil" in line for line in lines[kernel.line : kernel.line + 4])
    assert mode.text.splitlines()[mode.line].startswith("def run")
