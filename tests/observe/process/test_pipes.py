from __future__ import annotations

import os
import signal
import threading

import pytest

from pi_tui.observe.process.pipes import read_first_line, write_all


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs timer signals")
def test_a_signal_during_a_write_loses_nothing() -> None:
    reading, writing = os.pipe()
    data = os.urandom(1 << 20)
    interrupted = threading.Event()
    read: list[bytes] = []

    def read_once_it_was_interrupted() -> None:
        interrupted.wait()
        while part := os.read(reading, 65536):
            read.append(part)

    reader = threading.Thread(target=read_once_it_was_interrupted)
    before = signal.signal(signal.SIGALRM, lambda *_: interrupted.set())
    try:
        reader.start()
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        write_all(writing, data)
    finally:
        signal.signal(signal.SIGALRM, before)
        os.close(writing)
        reader.join()
        os.close(reading)
    assert b"".join(read) == data


def test_writing_to_a_closed_pipe_raises() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with pytest.raises(BrokenPipeError):
        write_all(writing, b"x")
    os.close(writing)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [(b"spec\nstop\nst", (b"spec", b"stop\nst")), (b"spec\n", (b"spec", b"")), (b"spe", None), (b"", None)],
)
def test_the_first_line_is_read_and_the_rest_is_returned(sent: bytes, expected: tuple[bytes, bytes] | None) -> None:
    reading, writing = os.pipe()
    os.write(writing, sent)
    os.close(writing)
    first = read_first_line(reading)
    if first is None:
        assert expected is None
    else:
        low, *parts = first
        assert tuple(parts) == expected
        assert low != reading
        assert os.read(low, 1) == b""
        os.close(low)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(reading)
