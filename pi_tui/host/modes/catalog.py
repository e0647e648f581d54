"""The modes by name, with their traits. Importing this file imports none of the modes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

StartMethod = Literal["spawn", "fork", "forkserver"]
Transport = Literal["queue", "pipe", "value", "array", "shared-memory"]

START_METHODS: tuple[StartMethod, ...] = ("spawn", "fork", "forkserver")
TRANSPORTS: tuple[Transport, ...] = ("queue", "pipe", "value", "array", "shared-memory")

MadeOf = Literal["calling thread", "threads", "interpreters", "processes"]


@dataclass(frozen=True, slots=True)
class Mode:
    """One entry of the catalog.

    Attributes:
        name: the name that the user types.
        summary: one line for lists and help.
        module: the module that defines the mode.
        function: the function's name in that module.
        made_of: what a worker is.
        has_transports: there is more than one way to send results back (`TRANSPORTS`).
        has_chunks: tasks can be sent to workers several at a time (`--chunksize`).
        serial_by_design: tasks run one after another, regardless of the number of workers.
    """

    name: str
    summary: str
    module: str
    function: str
    made_of: MadeOf
    has_transports: bool = False
    has_chunks: bool = False
    serial_by_design: bool = False

    @property
    def has_start_methods(self) -> bool:
        """Whether `--start-method` applies to this mode."""
        return self.made_of == "processes"


_HERE = "pi_tui.host.modes"


def _make_pool_mode(name: str, function: str, summary: str, *, chunks: bool = False, serial: bool = False) -> Mode:
    return Mode(name, summary, f"{_HERE}.pools", function, "processes", has_chunks=chunks, serial_by_design=serial)


MODES: dict[str, Mode] = {
    mode.name: mode
    for mode in (
        Mode(
            "sequential",
            "one task after another, in one thread",
            f"{_HERE}.sequential",
            "run",
            "calling thread",
            serial_by_design=True,
        ),
        Mode("threads", "one threading.Thread per worker", f"{_HERE}.threads", "run", "threads"),
        Mode("thread-pool", "concurrent.futures.ThreadPoolExecutor", f"{_HERE}.executors", "run_threads", "threads"),
        Mode(
            "interpreters",
            "one thread and one interpreter per worker, each with its own GIL (Python 3.14)",
            f"{_HERE}.interpreters",
            "run",
            "interpreters",
        ),
        Mode(
            "interpreter-pool",
            "concurrent.futures.InterpreterPoolExecutor (Python 3.14)",
            f"{_HERE}.interpreters",
            "run_pool",
            "interpreters",
        ),
        Mode(
            "processes",
            "one multiprocessing.Process per worker",
            f"{_HERE}.processes",
            "run",
            "processes",
            has_transports=True,
        ),
        _make_pool_mode("pool-apply", "apply", "Pool.apply: each call waits for its result", serial=True),
        _make_pool_mode("pool-map", "map_", "Pool.map: one argument per task", chunks=True),
        _make_pool_mode("pool-starmap", "starmap", "Pool.starmap: several arguments per task", chunks=True),
        _make_pool_mode("pool-apply-async", "apply_async", "Pool.apply_async: submit all, then collect"),
        _make_pool_mode("pool-map-async", "map_async", "Pool.map_async: one future for the whole list", chunks=True),
        _make_pool_mode(
            "pool-starmap-async", "starmap_async", "Pool.starmap_async: the same with several arguments", chunks=True
        ),
        _make_pool_mode(
            "pool-imap-unordered", "imap_unordered", "Pool.imap_unordered: results as they finish", chunks=True
        ),
        Mode(
            "process-pool",
            "concurrent.futures.ProcessPoolExecutor",
            f"{_HERE}.executors",
            "run_processes",
            "processes",
            has_chunks=True,
        ),
    )
}
