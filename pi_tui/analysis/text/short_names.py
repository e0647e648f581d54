"""What a result is called where there is little room."""

from __future__ import annotations

MAX_NAME_LENGTH = 24


def shorten_kernel_name(kernel: str) -> str:
    """A kernel's name in short: a person's own file by the last part of its path, long arguments as "…"."""
    bare, opened, arguments = kernel.partition("(")
    folders, slash, file = bare.rpartition("/")
    if not slash and len(kernel) <= MAX_NAME_LENGTH:
        return kernel
    short = file or folders
    return short + opened + (arguments if len(short) + len(arguments) < MAX_NAME_LENGTH else "…)" if arguments else "")
