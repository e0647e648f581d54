"""Runs another program and kills it when the process that asked for it ends.

    python parent_death_wrapper.py DESCRIPTOR PROGRAM [ARGUMENT ...]

DESCRIPTOR is the read end of a pipe whose write end the asking process keeps open without writing. When the pipe ends before
PROGRAM does, the asking process has ended, perhaps killed: the wrapper then kills its whole process group, itself included.
PROGRAM inherits standard output and error. The wrapper exits with PROGRAM's exit code, or 128 plus the number of the signal
that ended PROGRAM.
"""

import _thread
import os
import signal
import sys

START_FAILED = "the program cannot be started: "
"""The text on standard error, followed by the errno, when PROGRAM cannot be started."""


def main(descriptor: int, program: list[str]) -> None:
    """Start the program; wait until it or the pipe ends."""
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
