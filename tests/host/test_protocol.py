"""Messages: round trips, and the lines that are refused."""

from __future__ import annotations

import dataclasses

import pytest

from pi_tui.host import protocol
from pi_tui.host.protocol import (
    Failure,
    HostEnded,
    ProtocolError,
    Ready,
    TrialDone,
    TrialFailed,
    WorkerLedger,
    decode,
    encode,
)

LEDGER = WorkerLedger(0, 1, 2, 3, 4, 0.1, 0.2, None, 0.3, 0.4, 0.5, 6, None)
MESSAGES = (
    TrialDone(1, 1.5, 1e9, (LEDGER, dataclasses.replace(LEDGER, pid=None)), (1, 2.5, None), ("a fault",), ()),
    TrialFailed(1, Failure("ValueError", "no\nsuch \u2028 luck", "trace")),
    Ready(1, "3.14.0", "CPython", True, False),
    HostEnded(-9, 3, ("psm_1",), (4,)),
)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_survives_a_round_trip(message: protocol.Message) -> None:
    line = encode(message)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert decode(line) == message


def test_integers_are_accepted_as_seconds() -> None:
    assert decode(
        b'{"v":1,"type":"TrialDone","trial":1,"wall_s":2,"started_at":3,"workers":[],"results":[]}'
    ) == TrialDone(1, 2.0, 3.0, (), ())


def test_unknown_fields_are_ignored() -> None:
    line = encode(MESSAGES[2]).replace(b'"pid"', b'"colour":"red","pid"')
    assert decode(line) == MESSAGES[2]


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"hello\n",
        b"[1]\n",
        b"\xff\xfe\n",
        b'{"v":2,"type":"Ready"}\n',
        b'{"v":1,"type":"Nonsense"}\n',
        b'{"v":1,"type":"Ready","pid":1}\n',
        b'{"v":1,"type":"HostStarted","pid":"one","observer_pid":2}\n',
        b'{"v":1,"type":"HostEnded","exit_code":0,"ended":0,"removed":"x"}\n',
        b'{"v":1,"type":"TrialFailed","trial":1,"failure":"x"}\n',
        b'{"v":1,"type":"TrialDone","trial":1,"wall_s":"2","started_at":3,"workers":[],"results":[]}\n',
    ],
)
def test_an_invalid_line_is_refused(line: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode(line)
