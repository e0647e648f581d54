"""What user code prints: line by line at first, in blocks when it is a flood, and always all of it in order."""

from __future__ import annotations

import os
import subprocess
import sys

from pi_tui.host.user_output import FLOOD_BYTES

PRINTING = """
import os, sys
from pi_tui.host import user_output
user_output.write_by_lines()
print("at once")
held = os.read(0, 1)
lines = int(sys.argv[1])
for number in range(lines):
    print(number)
print(sys.stdout.line_buffering, file=sys.stderr)
user_output.flush()
os._exit(0)
"""


def run(lines: int) -> tuple[list[bytes], str]:
    """The lines that were printed, and whether the last of them went out line by line."""
    command = [sys.executable, "-c", PRINTING, str(lines)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        first = os.read(process.stdout.fileno(), 100)
        assert first == b"at once\n", "a line is there before the next one"
        printed, told = process.communicate(b"x")
    return printed.splitlines(), told.decode().strip()


def test_a_few_lines_come_one_by_one() -> None:
    assert run(10) == ([b"%d" % number for number in range(10)], "True")


def test_a_flood_of_one_line_does_no_harm() -> None:
    program = """
from pi_tui.host import user_output
user_output.write_by_lines()
print("x" * 1_000_000)
print("the end")
user_output.flush()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout == b"x" * 1_000_000 + b"\nthe end\n"


def test_a_flood_comes_in_blocks_and_whole() -> None:
    lines = FLOOD_BYTES
    printed, by_lines = run(lines)
    assert printed == [b"%d" % number for number in range(lines)]
    assert by_lines == "False", "a system call per line makes printing several times slower"
