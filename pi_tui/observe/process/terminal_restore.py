"""Restores the terminal of an app that was killed before it could do so itself.

    python terminal_restore.py DESCRIPTOR SENTENCE

DESCRIPTOR is the read end of a pipe that the app holds open; the terminal is standard error. An app that exits normally
writes `CLEAN_EXIT` first. If the pipe ends without it, the terminal is still on the alternate screen, reports the mouse and
hides the cursor, so it looks broken to its user. This program then writes `RESTORE_SEQUENCE` and SENTENCE. The shell itself
restores line editing.
"""

import os
import sys

CLEAN_EXIT = b"."

RESTORE_SEQUENCE = (
    b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l"  # the mouse
    b"\x1b[?2004l\x1b[?1004l\x1b[?2048l\x1b[<u"  # bracketed paste, focus and size reports, the keyboard protocol
    b"\x1b[?7h\x1b[0m\x1b[?1049l\x1b[?25h"  # line wrap, colours, the main screen, the cursor
)
"""Undoes every mode that Textual sets (`textual.drivers.linux_driver`). Source: xterm's ctlseqs."""


def main(descriptor: int, sentence: str) -> None:
    """Wait until the app ends; restore the terminal if the app did not write `CLEAN_EXIT`."""
    if os.read(descriptor, 1) != CLEAN_EXIT:
        try:
            os.write(2, RESTORE_SEQUENCE + f"\r\n{sentence}\r\n".encode())
        except OSError:
            os._exit(0)  # the terminal is closed


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
