"""Line buffers, the end of a log, and the descriptors of the pipes."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pi_tui.engine.hosts import host_pipes
from pi_tui.engine.hosts.host_pipes import LOG_BYTES, HostPipes, LineBuffer, LineTooLongError, LogTail, read_available


@given(st.lists(st.binary().map(lambda line: line.replace(b"\n", b"")), max_size=20), st.data())
def test_lines_come_out_as_they_went_in_however_they_were_cut(lines: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(line + b"\n" for line in lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    reader = LineBuffer()
    out: list[bytes] = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        out.extend(reader.feed(stream[start:end]))
    assert out == lines


def test_a_line_without_an_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_pipes, "MAX_LINE_BYTES", 100)
    reader = LineBuffer()
    assert list(reader.feed(b"x" * 100)) == []
    with pytest.raises(LineTooLongError):
        list(reader.feed(b"x"))


def test_a_log_keeps_its_end() -> None:
    log = LogTail()
    for number in range(30_000):
        log.append(f"line {number}\n".encode())
    assert log.read().endswith("line 29998\nline 29999\n")
    assert len(log.read()) == LOG_BYTES
    log.append(b"\xff")
    assert log.read().endswith("\n\N{REPLACEMENT CHARACTER}")


def test_a_log_tells_what_came_after_a_mark() -> None:
    log = LogTail()
    log.append(b"before\n")
    mark = log.position()
    assert log.read(mark) == ""
    log.append(b"after\n")
    assert log.read(mark) == "after\n"
    log.append(b"x" * LOG_BYTES)
    assert log.read(mark) == log.read() == "x" * LOG_BYTES, "of what is no longer kept nothing can be told"


def test_the_apps_ends_do_not_block_and_tell_the_end() -> None:
    pipes = HostPipes()
    try:
        assert read_available(pipes.events.reading) is None
        os.write(pipes.events.writing, b"word")
        assert read_available(pipes.events.reading) == b"word"
        pipes.close_child_ends()
        assert read_available(pipes.events.reading) == b""
        with pytest.raises(BrokenPipeError):
            os.write(pipes.requests.writing, b"word")
    finally:
        pipes.close()


def test_pipes_never_take_the_place_of_the_standard_streams() -> None:
    kept = os.dup(0)
    os.close(0)
    try:
        pipes = HostPipes()
        descriptors = pipes.observer_descriptors
        pipes.close()
    finally:
        os.dup2(kept, 0)
        os.close(kept)
    assert min(descriptors) > 2
