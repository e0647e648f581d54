"""What a kernel call came to: a result as a number, or an exception as a reading carries it.

A worker imports this file only where something was raised or a transport carries numbers alone.
"""

LONGEST_LINE = 300
"""So many characters of a line of what a person's own code says are kept."""


def pack_error(error: BaseException) -> str:
    """Type, message and traceback of an exception, as a reading carries them."""
    import traceback

    return pack_failure(type(error).__name__, str(error), "".join(traceback.format_exception(error)))


def pack_failure(kind: str, message: str, trace: str) -> str:
    """The three with a NUL between them, cut to what a reading can carry."""

    def cut(text: str, length: int) -> str:
        return text.replace("\0", " ").encode(errors="replace")[:length].decode(errors="ignore")

    lines = "\n".join(line[:LONGEST_LINE] for line in trace.split("\n"))  # a long message hides where it was raised
    last = lines.encode(errors="replace")[-2600:].decode(errors="ignore").replace("\0", " ")
    return "\0".join((cut(kind, 200), cut(message, 1000), last))


def to_number(result: object) -> "int | float | None":
    """A result as a number, whatever kind of number it is; None for anything else, and for one of more than 64 bits."""
    if result is None or isinstance(result, bool | complex) or hasattr(type(result), "__len__"):
        return None
    try:
        if hasattr(type(result), "__index__"):
            number = int(result)  # type: ignore[call-overload]
            return number if -(1 << 63) <= number < 1 << 63 else None
        return float(result) if hasattr(type(result), "__float__") else None  # type: ignore[arg-type]
    except Exception:  # a kind of number of the person's own
        return None
