"""What a result is called where there is little room."""

from __future__ import annotations

LONGEST_LABEL = 24


def label(kernel: str) -> str:
    """A kernel's name in short: a person's own file by the last part of its path, long arguments as "…"."""
    bare, opened, arguments = kernel.partition("(")
    folders, slash, file = bare.rpartition("/")
    if not slash and len(kernel) <= LONGEST_LABEL:
        return kernel
    short = file or folders
    return short + opened + (arguments if len(short) + len(arguments) < LONGEST_LABEL else "…)" if arguments else "")
