"""Runs another program, which ends with whoever asked for it.

    python chaperone.py DESCRIPTOR PROGRAM [ARGUMENT ...]

DESCRIPTOR is the reading end of a pipe that whoever asks holds open; nothing is ever written to it. Where it ends before
PROGRAM does, whoever asked is gone, killed perhaps: then the whole process group is ended, this process as well. What PROGRAM
prints goes where this process prints; its exit code is this one's, 128 and the signal's number where a signal has ended it.
"""

import _thread
import os
import signal
import sys

START_FAILED = "the program cannot be started: "
"""What is told on standard error, with the system's number of the reason behind it, where PROGRAM cannot be started."""


def main(descriptor: int, program: list[str]) -> None:
    """Start the program, and wait for its end or the pipe's."""
    os.set_inheritable(descriptor, False)
    child = os.fork()
    if not child:
        _execute(program)
    _thread.start_new_thread(_kill_group_at_end_of, (descriptor,))
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    os._exit(code if code >= 0 else 128 - code)


def _execute(program: list[str]) -> None:
    try:
        os.execv(program[0], program)
    except OSError as error:
        os.write(2, f"{START_FAILED}{error.errno}".encode())
    finally:
        os._exit(1)


def _kill_group_at_end_of(descriptor: int) -> None:
    os.read(descriptor, 1)
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
