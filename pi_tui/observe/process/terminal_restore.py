"""Gives a terminal back that an app has not given back itself, because it was killed.

    python terminal_keeper.py DESCRIPTOR SENTENCE

DESCRIPTOR is the reading end of a pipe that the app holds open; the terminal is standard error. An app that leaves of its own
accord says `FAREWELL` first. Where the pipe ends without it, the terminal is still on its second screen, with the mouse
reported and the cursor hidden: to its user it looks broken. It is given back, and SENTENCE told there. The shell sees to how
lines are typed.
"""

import os
import sys

CLEAN_EXIT = b"."

RESTORE_SEQUENCE = (
    b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l"  # the mouse
    b"\x1b[?2004l\x1b[?1004l\x1b[?2048l\x1b[<u"  # pasted text, focus, sizes, keys: told as plain ones are
    b"\x1b[?7h\x1b[0m\x1b[?1049l\x1b[?25h"  # lines wrap, no colour, the first screen, the cursor
)
"""What undoes all that Textual asks of a terminal (`textual.drivers.linux_driver`), by the names of xterm's ctlseqs."""


def main(descriptor: int, sentence: str) -> None:
    """Wait for the app's end, however it comes."""
    if os.read(descriptor, 1) != CLEAN_EXIT:
        try:
            os.write(2, RESTORE_SEQUENCE + f"\r\n{sentence}\r\n".encode())
        except OSError:
            os._exit(0)  # the terminal is gone as well


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
