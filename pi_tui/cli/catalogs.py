"""`pi-tui kernels` and `pi-tui modes`: the lists, what each entry needs, and why an entry is unavailable here."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import click

from pi_tui.cli import terminal_text
from pi_tui.cli.option_types import make_seconds_parser
from pi_tui.engine.user_kernels.user_kernels import ArgumentValue, list_installed_kernels, parse_argument
from pi_tui.host.kernels.catalog import KERNELS, Kernel
from pi_tui.host.modes.catalog import MODES, START_METHODS, TRANSPORTS, Mode

Entry = dict[str, Any]

_format = click.option(
    "--format", type=click.Choice(["table", "json"]), default="table", show_default=True, help="Output format."
)
_GIL = {True: "held throughout", False: "released", None: "released now and then"}
_PRIVATE_FIELDS = ("module", "function", "own")
"""Fields that say where an entry is in the source: left out of the JSON, as they may change."""


_KERNEL_EXAMPLES = """\b
Examples:
  pi-tui kernels --format json
  pi-tui kernels ./work.py:func --arg depth=3"""


@click.command(epilog=_KERNEL_EXAMPLES)
@click.argument("names", nargs=-1, metavar="[KERNEL]...")
@click.option(
    "--arg",
    "arguments",
    multiple=True,
    type=parse_argument,
    metavar="NAME=VALUE",
    help="An argument for the function, as with `pi-tui run`.",
)
@click.option(
    "--timeout", type=make_seconds_parser("--timeout"), metavar="SECONDS", default=60, show_default=True,
    help="Give up an import that takes longer.",
)  # fmt: skip
@_format
def kernels(
    names: tuple[str, ...],
    arguments: tuple[tuple[str, ArgumentValue], ...],
    timeout: float,
    format: Literal["table", "json"],
) -> int:
    """List the kernels: the functions that can be measured.

    Give a function of your own (./work.py:func or package.module:func) to see its signature, whether it releases the GIL,
    and whether it can be run. It is imported in a separate process.
    """
    if names:
        from pi_tui.cli.kernel_inspect import inspect_kernels

        return inspect_kernels(names, dict(arguments), timeout, format)
    every = [*KERNELS.values(), *list_installed_kernels(Path.cwd())]
    _print_entries([_describe_kernel(kernel) for kernel in every], format, _format_kernels)
    return 0


@click.command(epilog="Example: pi-tui modes")
@_format
def modes(format: Literal["table", "json"]) -> None:
    """List the modes: the ways to run tasks at once."""
    _print_entries([_describe_mode(mode) for mode in MODES.values()], format, _format_modes)


def describe_missing(modules: tuple[str, ...]) -> str:
    """Return which of these modules this Python lacks, as a sentence; "" if it has all. Nothing is imported."""
    absent = [name for name in modules if find_spec(name) is None]
    return f"{' and '.join(absent)} cannot be found in this Python" if absent else ""


def describe_process_obstacle() -> str:
    """Return why processes cannot share queues and locks on this system; "" if they can."""
    try:
        import multiprocessing.synchronize  # noqa: F401
    except ImportError as error:
        return f"this system has no semaphores: {error}"
    return ""


def list_start_methods() -> tuple[str, ...]:
    """Return the start methods that this system has."""
    import multiprocessing

    here = multiprocessing.get_all_start_methods()
    return tuple(method for method in START_METHODS if method in here)


def _describe_kernel(kernel: Kernel) -> Entry:
    reason = describe_missing(kernel.needs)
    return _select_public(asdict(kernel)) | {"available": not reason, "reason": reason or None}


def _describe_mode(mode: Mode) -> Entry:
    made_of_processes = mode.has_start_methods
    reason = describe_process_obstacle() if made_of_processes else ""
    without = describe_missing(("numpy",))
    return _select_public(asdict(mode)) | {
        "start_methods": list(list_start_methods()) if made_of_processes else [],
        "transports": [transport for transport in TRANSPORTS if not (transport == "shared-memory" and without)]
        if mode.has_transports
        else [],
        "available": not reason,
        "reason": reason or None,
    }


def _select_public(fields: Entry) -> Entry:
    return {name: value for name, value in fields.items() if name not in _PRIVATE_FIELDS}


def _print_entries(entries: list[Entry], format: str, lines: Any) -> None:
    if format == "json":
        click.echo(json.dumps(entries, indent=2))
        return
    for line in lines(entries):
        terminal_text.print_line(line)


def _format_kernels(entries: list[Entry]) -> list[str]:
    rows = [("KERNEL", "GIL", "NEEDS", "WHAT IT IS")]
    for each in entries:
        needs = ", ".join(each["needs"]) or "nothing"
        rows.append(
            (each["name"], _GIL[each["holds_gil"]] if each["counts"] != "nothing" else "-", needs, each["summary"])
        )
    return [*terminal_text.align_columns(rows), *_list_thread_notes(entries), *_list_unavailable(entries)]


def _list_thread_notes(entries: list[Entry]) -> list[str]:
    """Return a note per kernel that starts threads itself: the threading layers with which it can run in each mode."""
    return [
        line
        for each in entries
        if each["threads_inside"]
        for line in terminal_text.wrap_text(
            f"{each['name']} runs in threads with Numba's threading layers omp and tbb, and in forked processes with tbb "
            "and workqueue. The layer in use is shown when the kernel is compiled.",
            terminal_text.get_terminal_width(),
        )
    ]


def _format_modes(entries: list[Entry]) -> list[str]:
    rows = [("MODE", "MADE OF", "WHAT IT IS"), *((each["name"], each["made_of"], each["summary"]) for each in entries)]
    options = [
        ("--start-method", ", ".join(list_start_methods()), "every mode made of processes"),
        ("--transport", ", ".join(_collect_values(entries, "transports")), _join_names_with(entries, "has_transports")),
        ("--chunksize", "N", _join_names_with(entries, "has_chunks")),
    ]
    lines = [*terminal_text.align_columns(rows), ""]
    lines += terminal_text.align_columns(
        [("OPTION", ""), *((name, f"{values} ({modes})") for name, values, modes in options)]
    )
    absent = [method for method in START_METHODS if method not in list_start_methods()]
    lines += [f"Unavailable: start method {method}: this system does not have it." for method in absent]
    if without := describe_missing(("numpy",)):
        lines += [f"Unavailable: transport shared-memory: {without}."]
    return [*lines, *_list_unavailable(entries)]


def _join_names_with(entries: list[Entry], key: str) -> str:
    return ", ".join(each["name"] for each in entries if each[key])


def _collect_values(entries: list[Entry], key: str) -> list[str]:
    return list(dict.fromkeys(value for each in entries for value in each[key]))


def _list_unavailable(entries: list[Entry]) -> list[str]:
    return [f"Unavailable: {each['name']}: {each['reason']}." for each in entries if not each["available"]]
