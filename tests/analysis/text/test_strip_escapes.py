from __future__ import annotations

from pi_tui.analysis.text.strip_escapes import strip_escapes


def test_sequences_that_move_the_cursor_are_removed() -> None:
    assert strip_escapes("a\x1b[2Jb\x1b]0;title\x07c\rd\x00\n") == "abc\nd\n"


def test_direction_controls_are_removed_and_other_scripts_stay() -> None:
    assert strip_escapes("a\u202eb\u2066 計算 π̂ \u00a0✗") == "ab 計算 π̂ \u00a0✗"
