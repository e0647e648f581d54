"""Becomes another program, which ends with whoever asked for it.

    python chaperone.py DESCRIPTOR PROGRAM [ARGUMENT ...]

DESCRIPTOR is the reading end of a pipe that whoever asks holds open; nothing is ever written to it. A watcher, of this
process group and nobody's child, waits for its end: because the answer is there, or because whoever asked is gone, killed
perhaps. Then it ends the whole group, itself as well. The process itself becomes PROGRAM, so that its id, its exit code and
what it prints are PROGRAM's own.
"""

import os
import signal
import sys

NO_START = "the program cannot be started: "
"""What is told on standard error, with the system's number of the reason behind it, where PROGRAM cannot be started."""


def main(descriptor: int, program: list[str]) -> None:
    """Leave a watcher behind, and become the program."""
    os.set_inheritable(descriptor, False)
    _leave_a_watcher(descriptor)
    try:
        os.execv(program[0], program)
    except OSError as error:
        sys.stderr.write(f"{NO_START}{error.errno}")


def _leave_a_watcher(descriptor: int) -> None:
    """Start it by way of a child that ends at once: the program is not to have a child that it has not started."""
    if child := os.fork():
        os.waitpid(child, 0)
        return
    if os.fork():
        os._exit(0)
    for printed in (1, 2):
        os.close(printed)  # who asked reads them to their end
    os.read(descriptor, 1)
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
