"""Short names for kernels, for where there is little room."""

from __future__ import annotations

MAX_NAME_LENGTH = 24


def shorten_kernel_name(kernel: str) -> str:
    """Shorten a kernel's name: a user's file to the last part of its path, long arguments to "…"."""
    bare, opened, arguments = kernel.partition("(")
    folders, slash, file = bare.rpartition("/")
    if not slash and len(kernel) <= MAX_NAME_LENGTH:
        return kernel
    short = file or folders
    return short + opened + (arguments if len(short) + len(arguments) < MAX_NAME_LENGTH else "…)" if arguments else "")
