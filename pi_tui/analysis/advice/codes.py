"""The codes of verdicts: exports carry them, and programs may rely on them."""

from __future__ import annotations

from enum import StrEnum


class AdviceCode(StrEnum):
    """The kind of a verdict. The first group doubts the figures, the second names causes."""

    ESTIMATE_OFF = "estimate-off"
    DUPLICATED_STREAMS = "duplicated-streams"
    LEDGER_DOUBTFUL = "ledger-doubtful"
    TOO_SHORT = "too-short"
    UNSTABLE = "unstable"
    OUTLIERS = "outliers"
    DRIFT = "drift"
    FEW_REPEATS = "few-repeats"
    NOT_STABLE = "not-stable"

    SERIAL_BY_DESIGN = "serial-by-design"
    GIL_REENABLED = "gil-reenabled"
    THREADS_INSIDE = "threads-inside"
    PARALLEL = "parallel"
    SMALLER_TASKS = "smaller-tasks"
    GIL_TURNS = "gil-turns"
    GIL_CONVOY = "gil-convoy"
    LOCK_WAIT = "lock-wait"
    IO_WAIT = "io-wait"
    WAITING = "waiting"
    STARTUP = "startup"
    BETWEEN = "between"
    COLLECT = "collect"
    SHARED_CORES = "shared-cores"
    OVERSUBSCRIBED = "oversubscribed"
    BUSY_NO_FASTER = "busy-no-faster"
    UNEVEN = "uneven-work"
