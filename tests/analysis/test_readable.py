from __future__ import annotations

from pi_tui.analysis.text.strip_escapes import strip_escapes


def test_what_would_move_the_cursor_is_taken_out() -> None:
    assert strip_escapes("a\x1b[2Jb\x1b]0;title\x07c\rd\x00\n") == "abc\nd\n"


def test_what_turns_the_writing_round_is_taken_out_and_other_writing_stays() -> None:
    assert strip_escapes("a\u202eb\u2066 計算 π̂ \u00a0✗") == "ab 計算 π̂ \u00a0✗"
