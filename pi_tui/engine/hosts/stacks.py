"""Where the threads of a host and of its workers stood, read from what `faulthandler` writes.

Source: the module's documentation, https://docs.python.org/3/library/faulthandler.html, and dump_traceback of
Python/traceback.c: a heading per thread, then its frames, the innermost first.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import PurePath

from pi_tui.observe.process.launch_spec import STACKS_OF

MOST_FRAMES = 3
"""So many frames of a thread are kept, the innermost ones."""

_FRAME = re.compile(r'^  File "(?P<file>.*)", line (?P<line>\d+) in (?P<function>.+)$')
_THREAD = re.compile(r"^(?:Current thread|Thread) 0x[0-9a-f]+")
_OURS = re.compile(r"[/\\]pi_tui[/\\](?:host|engine|observe)[/\\]")
_STANDARD = re.compile(
    r"[/\\](?:lib|Lib)[/\\]python\d\.\d+t?[/\\](?!site-packages|dist-packages)|^<(?:frozen |string>)"
)


def parse_stacks(log: str) -> tuple[str, ...]:
    """Return where threads stood in a user's code: "process 12: work.py:7 in func < work.py:9 in outer".

    Threads of one process that stood at the same place share a line, which then says how many they are.
    Frames of pi-tui are left out, and threads that have no others but the standard library's: they wait for the next task.
    """
    found: list[str] = []
    for process in log.split(STACKS_OF)[1:]:
        pid, _, text = process.partition("\n")
        frames: list[re.Match[str]] = []
        for line in [*text.splitlines(), "Thread 0x0"]:
            if _THREAD.match(line):
                if stack := _describe(frames):
                    found.append(f"process {pid.strip()}: {stack}")
                frames = []
            elif (frame := _FRAME.match(line)) is not None:
                frames.append(frame)
    return tuple(f"{line} ({count} threads)" if count > 1 else line for line, count in Counter(found).items())


def innermost_place(stack: str) -> str:
    """Return the file and line of a parsed stack's innermost frame of the user's code: "work.py:7"."""
    return stack.partition(": ")[2].partition(" in ")[0]


def _describe(frames: list[re.Match[str]]) -> str:
    shown = [frame for frame in frames if not _OURS.search(frame["file"])]
    of_user = [frame for frame in shown if not _STANDARD.search(frame["file"])]
    return " < ".join(
        f"{PurePath(frame['file']).name}:{frame['line']} in {frame['function']}" for frame in of_user[:MOST_FRAMES]
    )
