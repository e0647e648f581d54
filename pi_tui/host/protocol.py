"""The messages between the app, the observer and the host: frozen dataclasses, one JSON line each.

A line is `{"v": 1, "type": "RunTrial", ...fields}`. Fields that a reader does not know are ignored, so that a newer side may
add some; another version, an unknown type or a missing field is a `ProtocolError`.
"""

from __future__ import annotations

import dataclasses
import json
import typing
from dataclasses import dataclass

from pi_tui.host.dataclass_codec import ShapeError, build_dataclass
from pi_tui.host.lane_types import Certainty as Certainty
from pi_tui.host.lane_types import LanePiece as LanePiece
from pi_tui.host.lane_types import LaneState as LaneState
from pi_tui.host.lane_types import OutsideTicks as OutsideTicks
from pi_tui.host.lane_types import WaitTarget as WaitTarget
from pi_tui.host.lane_types import WorkerTicks as WorkerTicks

VERSION = 1


class ProtocolError(ValueError):
    """A line that is no message of this version."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What happened, as a row of a table can say it.

    Attributes:
        type: the exception's class, the signal's name ("SIGSEGV"), "Exit" or "TimeOut".
        message: one sentence.
        traceback: the last lines of where it happened, or of what was printed; may be empty.
    """

    type: str
    message: str
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class WorkerLedger:
    """Where one worker's time of one trial went, in seconds; the six parts sum to the trial's wall time.

    `queued_s` is None where the system does not tell it (`waiting_s` then means waiting or queued). The three parts of
    `waiting_s` are None where no lanes were seen. `pid` and `tid` are None for a worker that never came to a task.
    `waiting_s` may fall below zero by the clocks' grain (never below -1% of the wall). `held_back_s` is the part of it that
    lies outside kernel calls: the time in which others kept the GIL from a thread that was to begin.

    `running_s`, `queued_s`, `waiting_s` and the two counters are None where the kernel starts threads of its own inside a
    call: the system counts the worker's own thread alone, which tells nothing of theirs. What is left of the wall, beside
    startup, between and idle, was spent inside kernel calls.
    """

    index: int
    pid: int | None
    tid: int | None
    tasks: int
    samples: int
    startup_s: float
    running_s: float | None
    queued_s: float | None
    waiting_s: float | None
    between_s: float
    idle_s: float
    held_back_s: float = 0.0
    voluntary_switches: int | None = None
    page_faults: int | None = None
    gil_wait_s: float | None = None
    lock_wait_s: float | None = None
    io_wait_s: float | None = None


@dataclass(frozen=True, slots=True)
class PossibleGilWait:
    """What of a worker's start-up and gaps others would have kept it from, had they held the GIL all the while; in seconds.

    Attributes:
        index: the worker's.
        startup_s: before its first kernel call.
        between_s: between two.
    """

    index: int
    startup_s: float
    between_s: float


@dataclass(frozen=True, slots=True)
class Argument:
    """What a function of a person's own is called with besides the samples, by name."""

    name: str
    value: int | float | bool | str


@dataclass(frozen=True, slots=True)
class UserSource:
    """Where a function of a person's own comes from.

    Attributes:
        path: its file, absolute; "" for a module that is found by its name.
        folder: what its imports are looked for in, besides the interpreter's own places.
        stamp: when the file was last changed, in nanoseconds since the epoch, as the run was planned.
        arguments: what it is called with.
    """

    path: str
    folder: str
    stamp: int = 0
    arguments: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class UserKernelInfo:
    """What a function of a person's own turned out to be.

    Attributes:
        signature: its parameters, as Python writes them; "" where it tells none.
        summary: the first line of its docstring.
        file, line: where it is defined; "" and 0 where nobody knows.
        takes_seed: it has a parameter `seed`, which is given a seed of its own each task.
        compiled_by: "Numba" or "".
        releases_gil: whether what compiled it releases the GIL; None where that is not known.
    """

    signature: str
    summary: str
    file: str
    line: int
    takes_seed: bool
    compiled_by: str = ""
    releases_gil: bool | None = None


# ---- from the app to the host -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Prepare:
    """Import a kernel and compile what it compiles, before anything is timed.

    `in_subinterpreter` asks whether it loads there: an extension may refuse to. `own` tells where a person's own comes from.
    `threads_inside` asks which threading layer starts threads inside a call: the kernel's module has `layer()` to tell.
    """

    kernel: str
    module: str
    function: str
    needs: tuple[str, ...] = ()
    in_subinterpreter: bool = False
    own: UserSource | None = None
    threads_inside: bool = False


@dataclass(frozen=True, slots=True)
class RunTrial:
    """Run one trial.

    Attributes:
        trial: a number of its own within the host's life.
        task_samples: samples of each task, in order.
        task_seeds: the seed of each task.
        shared_seed: seeds the generator that the threads of one process share, where the kernel has one.
        mode_is_interpreters: the workers are subinterpreters: threads of one process, each with a GIL of its own.
        own: where a person's own kernel comes from; None for one of the catalog.
        threads_inside: a call of the kernel starts threads of its own, which the worker's clocks do not see.
    """

    trial: int
    kernel: str
    module: str
    function: str
    holds_gil: bool | None
    shared_stream: bool
    mode: str
    mode_module: str
    mode_function: str
    mode_is_threads: bool
    start_method: str | None
    transport: str | None
    chunksize: int
    workers: int
    task_samples: tuple[int, ...]
    task_seeds: tuple[int, ...]
    shared_seed: int
    mode_is_interpreters: bool = False
    own: UserSource | None = None
    threads_inside: bool = False


# ---- from the host to the app -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ready:
    """The host's first word: who it is."""

    pid: int
    python: str
    implementation: str
    free_threaded_build: bool
    gil_enabled: bool


@dataclass(frozen=True, slots=True)
class Prepared:
    """A kernel is at hand; how long its imports and its compilation took. `gil_enabled` is asked after the imports.

    `gil_reenabled_by` is the module whose import turned the GIL of a free-threaded build on. `threading_layer` names what
    starts the threads inside a call ("tbb", "omp", "workqueue"); None for a kernel without any.
    """

    kernel: str
    import_s: float
    compile_s: float
    gil_enabled: bool
    gil_reenabled_by: str | None = None
    found: UserKernelInfo | None = None
    threading_layer: str | None = None


@dataclass(frozen=True, slots=True)
class PrepareFailed:
    """A kernel cannot be had here, and why."""

    kernel: str
    failure: Failure


@dataclass(frozen=True, slots=True)
class TrialDone:
    """One trial, whole.

    Attributes:
        started_at: seconds since the epoch.
        results: what each task returned, in the order of tasks; None where it is no number.
        faults: checks of the ledger that failed, as sentences; empty as a rule.
        leftovers: threads or processes that the tasks left behind, as sentences: the host should be replaced.
        maybe_held: one a worker that had a task, where the workers are threads of one GIL and nobody knows whether the
            kernel holds it: who looked on from outside can tell whether they waited for it.
    """

    trial: int
    wall_s: float
    started_at: float
    workers: tuple[WorkerLedger, ...]
    results: tuple[int | float | None, ...]
    faults: tuple[str, ...] = ()
    leftovers: tuple[str, ...] = ()
    maybe_held: tuple[PossibleGilWait, ...] = ()


@dataclass(frozen=True, slots=True)
class TrialFailed:
    """A trial that could not be finished. The host stays usable unless `leftovers` names something."""

    trial: int
    failure: Failure
    leftovers: tuple[str, ...] = ()


# ---- from the observer to the app ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HostStarted:
    """The observer has started the host."""

    pid: int
    observer_pid: int


@dataclass(frozen=True, slots=True)
class HostEnded:
    """The host is gone and everything below it as well.

    Attributes:
        exit_code: as `subprocess` tells it: negative is a signal's number.
        ended: how many processes besides the host had to be ended.
        removed: names of shared memory that had to be removed.
        survivors: process ids that could not be ended (never seen; told rather than hidden).
    """

    exit_code: int
    ended: int
    removed: tuple[str, ...]
    survivors: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class LanesSeen:
    """The lanes since the last such message.

    Attributes:
        trial: the trial's number.
        start_ns: when tick 0 was due, on the clock of `time.perf_counter_ns`.
        period_ns: from one tick to the next.
        first_tick: the tick of the first letter of each lane.
        made: ticks of the trial so far at which the lanes were read.
        missed: ticks of the trial so far that came too late.
        certainty: how they were seen.
        lanes: one a worker that was seen, all of the same length.
        ticks: the trial's totals, only in the last message of a trial.
        ended: this is the last message of the trial.
        outside: what threads outside kernel calls were seen at since the trial began; None where nobody looked at them.
    """

    trial: int
    start_ns: int
    period_ns: int
    first_tick: int
    made: int
    missed: int
    certainty: str
    lanes: tuple[LanePiece, ...]
    ticks: tuple[WorkerTicks, ...] = ()
    ended: bool = False
    outside: OutsideTicks | None = None


Message = (
    LanesSeen
    | Prepare
    | RunTrial
    | Ready
    | Prepared
    | PrepareFailed
    | TrialDone
    | TrialFailed
    | HostStarted
    | HostEnded
)

_TYPES: dict[str, type] = {kind.__name__: kind for kind in typing.get_args(Message)}


def encode(message: Message) -> bytes:
    """One message as a line of UTF-8 JSON, with its newline."""
    fields = {"v": VERSION, "type": type(message).__name__, **dataclasses.asdict(message)}
    return json.dumps(fields, separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> Message:
    """The message of one line.

    Raises:
        ProtocolError: no JSON, another version, an unknown type, or a field missing or of the wrong kind.
    """
    try:
        fields = json.loads(line)
    except ValueError as error:
        raise ProtocolError(f"not a message: {line[:80]!r}") from error
    if not isinstance(fields, dict):
        raise ProtocolError(f"not a message: {line[:80]!r}")
    if fields.get("v") != VERSION:
        raise ProtocolError(f"protocol version {fields.get('v')!r}, not {VERSION}")
    kind = _TYPES.get(str(fields.get("type")))
    if kind is None:
        raise ProtocolError(f"unknown message {fields.get('type')!r}")
    try:
        message: Message = build_dataclass(kind, fields)
    except ShapeError as error:
        raise ProtocolError(str(error)) from error
    return message
