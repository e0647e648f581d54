"""What `faulthandler` writes becomes one line per place in the user's code."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from pi_tui.analysis.results import Case
from pi_tui.engine.hosts.host_failures import HostTimeout
from pi_tui.engine.hosts.stacks import innermost_place, parse_stacks
from pi_tui.engine.run.trial_outcome import TrialOutcome
from pi_tui.host.protocol import LanePiece, LanesSeen

LOG = """something printed
Stacks of process 41
Thread 0x00007f5d2b7fe6c0 (most recent call first):
  File "/home/me/work.py", line 12 in inner
  File "/home/me/work.py", line 20 in func
  File "/x/pi_tui/host/user_code.py", line 60 in call
  File "/usr/lib/python3.11/threading.py", line 975 in run
Thread 0x00007f5d2b7fe6c1 (most recent call first):
  File "/home/me/work.py", line 12 in inner
  File "/home/me/work.py", line 20 in func

Current thread 0x00007f5d2c3c1740 [MainThread] (most recent call first):
  File "/usr/lib/python3.11/threading.py", line 1112 in join
  File "/x/pi_tui/host/trial.py", line 99 in run_trial
Stacks of process 42
Current thread 0x00007f5d2c3c1740 (most recent call first):
  File "/x/lib/python3.11/site-packages/numpy/linalg.py", line 7 in solve
  File "<string>", line 1 in <module>
"""
CASE = Case("k", "threads", None, None, "3.11", None, 2, 2, 10)


def seeing(*letters: str) -> TrialOutcome:
    """A trial whose workers were seen at these ticks, one millisecond each."""
    outcome = TrialOutcome(1)
    lanes = tuple(LanePiece(index, 7, 100 + index, text) for index, text in enumerate(letters))
    messages = [LanesSeen(1, 0, 1_000_000, 0, 1, 0, "system call", lanes)]

    def receive(_: float | None) -> LanesSeen:
        if not messages:
            raise HostTimeout("nothing came")
        return messages.pop()

    with pytest.raises(HostTimeout):
        list(outcome.listen(receive, None, lambda: 0.0))
    return outcome


def test_places_in_the_users_code_are_kept_and_threads_at_one_place_are_counted() -> None:
    assert parse_stacks(LOG) == (
        "process 41: work.py:12 in inner < work.py:20 in func (2 threads)",
        "process 42: linalg.py:7 in solve",
    )
    assert innermost_place(parse_stacks(LOG)[0]) == "work.py:12"


def test_a_log_without_stacks_has_none() -> None:
    assert parse_stacks("Fatal Python error: Segmentation fault\n") == ()


def test_what_faulthandler_writes_here_is_understood(tmp_path: Path) -> None:
    work = tmp_path / "work.py"
    work.write_text("import faulthandler\ndef func():\n    faulthandler.dump_traceback()\nfunc()\n")
    done = subprocess.run([sys.executable, str(work)], capture_output=True, text=True, check=True)
    (stack,) = parse_stacks(f"Stacks of process 7\n{done.stderr}")
    assert re.fullmatch(r"process 7: work\.py:3 in func < work\.py:4 in <module>", stack)


@pytest.mark.parametrize(
    ("letters", "said"),
    [
        (("L" * 50, "L" * 50), "both workers stood at a lock (work.py:12)"),
        (("S" * 50, "S" * 50), "both workers slept (work.py:12)"),
        (("RG" * 50, "GR" * 50), "both workers ran or waited for the GIL (work.py:12)"),
        (("R" * 50, "L" * 50), "it stood at work.py:12"),
        ((), "it stood at work.py:12"),
    ],
)
def test_a_time_out_says_what_the_last_second_showed(letters: tuple[str, ...], said: str) -> None:
    assert said in seeing(*letters).describe_last_second(CASE, parse_stacks(LOG)[:1])


def test_a_lock_after_a_fork_has_its_reason() -> None:
    forked = Case("k", "processes", "fork", "queue", "3.11", None, 1, 1, 10)
    assert "after a fork, a lock that another thread of the parent held" in seeing("L" * 50).describe_last_second(
        forked, ()
    )
