"""`pi-tui kernels ./work.py:func`: the properties of a user's function."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import click

from pi_tui.cli import terminal_text
from pi_tui.engine.errors import HostError
from pi_tui.engine.laboratory import Laboratory
from pi_tui.engine.paths import Paths
from pi_tui.engine.user_kernels.user_kernels import Arguments, resolve_kernels
from pi_tui.host.kernels.catalog import Kernel
from pi_tui.host.protocol import Prepared, UserKernelInfo
from pi_tui.observe.meters.machine import read_machine

_GIL = {True: "released", False: "held throughout", None: "unknown until it runs"}


def inspect_kernels(
    names: tuple[str, ...], arguments: Arguments, timeout_s: float, format: Literal["table", "json"]
) -> int:
    """Import each kernel in a host and print its properties; return 1 if one cannot be used, else 0.

    Raises:
        UsageError: a name is no kernel's.
    """
    kernels = resolve_kernels(names, arguments, Path.cwd())
    laboratory = Laboratory(read_machine(), Paths.from_environment(os.environ))
    try:
        entries = [_inspect(laboratory, kernel, timeout_s) for kernel in kernels.values()]
    finally:
        laboratory.close()
    if format == "json":
        click.echo(json.dumps(entries, indent=2))
    else:
        for entry in entries:
            _print_entry(entry)
    return int(any(entry["error"] for entry in entries))


def _inspect(laboratory: Laboratory, kernel: Kernel, timeout_s: float) -> dict[str, Any]:
    try:
        answer = laboratory.inspect_kernel(kernel, timeout_s)
    except HostError as error:
        return {"name": kernel.name, "error": str(error), "found": None}
    if not isinstance(answer, Prepared):
        return {"name": kernel.name, "error": answer.failure.message, "found": None}
    found = answer.found or UserKernelInfo("(samples, seed)", kernel.summary, "", 0, True, "", _releases_gil(kernel))
    return {"name": kernel.name, "error": None, "found": asdict(found), "import_s": answer.import_s}


def _releases_gil(kernel: Kernel) -> bool | None:
    return None if kernel.holds_gil is None else not kernel.holds_gil


def _print_entry(entry: dict[str, Any]) -> None:
    terminal_text.print_line(entry["name"])
    found = entry["found"]
    if found is None:
        rows = [("cannot be used", entry["error"])]
    else:
        place = f"{found['file']}:{found['line']}" if found["line"] else found["file"]
        rows = [
            ("summary", found["summary"] or "none: it has no docstring"),
            ("where", place or "unknown"),
            ("arguments", found["signature"] or "unknown: it is called with the number of samples"),
            ("seed", "one per task" if found["takes_seed"] else "none: it has no parameter of that name"),
            ("compiled by", found["compiled_by"] or "none known"),
            ("GIL", _GIL[found["releases_gil"]]),
        ]
    for line in terminal_text.align_columns(rows, indent="  "):
        terminal_text.print_line(line)
