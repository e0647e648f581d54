"""Convert the outcome of a kernel call: a result to a number, or an exception to the text of a reading.

A worker imports this file only after an exception, or for a transport that carries numbers only.
"""

LONGEST_LINE = 300
"""The number of characters kept of each line of a message or traceback."""


def pack_error(error: BaseException) -> str:
    """Return type, message and traceback of an exception as the text of a reading."""
    import traceback

    return pack_failure(type(error).__name__, str(error), "".join(traceback.format_exception(error)))


def pack_failure(kind: str, message: str, trace: str) -> str:
    """Join type, message and traceback with NUL characters, each cut so that a reading can hold them."""

    def cut(text: str, length: int) -> str:
        return text.replace("\0", " ").encode(errors="replace")[:length].decode(errors="ignore")

    lines = "\n".join(line[:LONGEST_LINE] for line in trace.split("\n"))  # a long message would push out the traceback
    last = lines.encode(errors="replace")[-2600:].decode(errors="ignore").replace("\0", " ")
    return "\0".join((cut(kind, 200), cut(message, 1000), last))


def to_number(result: object) -> "int | float | None":
    """Convert a result of any number type to int or float; None for other types and for integers beyond 64 bits."""
    if result is None or isinstance(result, bool | complex) or hasattr(type(result), "__len__"):
        return None
    try:
        if hasattr(type(result), "__index__"):
            number = int(result)  # type: ignore[call-overload]
            return number if -(1 << 63) <= number < 1 << 63 else None
        return float(result) if hasattr(type(result), "__float__") else None  # type: ignore[arg-type]
    except Exception:  # a number type of the user's may raise anything
        return None
