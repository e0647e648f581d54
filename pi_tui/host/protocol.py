"""The messages between the app, the observer and the host: frozen dataclasses, one JSON line each.

A line is `{"v": 1, "type": "RunTrial", ...fields}`. Unknown fields are ignored, so that a newer sender may add fields. Another
version, an unknown type or a missing field is a `ProtocolError`.
"""

from __future__ import annotations

import dataclasses
import typing
from dataclasses import dataclass
from json import dumps, loads  # bound here: a kernel that replaces functions of json does not reach the messages

from pi_tui.host.core_account import CoreAccount as CoreAccount
from pi_tui.host.core_account import ThreadCpu as ThreadCpu
from pi_tui.host.dataclass_codec import ShapeError, build_dataclass
from pi_tui.host.lane_types import Certainty as Certainty
from pi_tui.host.lane_types import LanePiece as LanePiece
from pi_tui.host.lane_types import LaneState as LaneState
from pi_tui.host.lane_types import NamedWait as NamedWait
from pi_tui.host.lane_types import OutsideTicks as OutsideTicks
from pi_tui.host.lane_types import WaitTarget as WaitTarget
from pi_tui.host.lane_types import WorkerTicks as WorkerTicks

VERSION = 1


class ProtocolError(ValueError):
    """A line is not a message of this version."""


@dataclass(frozen=True, slots=True)
class Failure:
    """The reason for a failed row.

    Attributes:
        type: the exception's class, the signal's name ("SIGSEGV"), "Exit" or "TimeOut".
        message: one sentence.
        traceback: the end of the traceback or of the printed output; may be empty.
        stacks: of a time-out, where each thread of the host and of its workers stood, one line per thread.
    """

    type: str
    message: str
    traceback: str = ""
    stacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkerLedger:
    """Where one worker's time in one trial went, in seconds; the six parts sum to the trial's wall time.

    `queued_s` is None if the system does not provide it; `waiting_s` then means waiting or queued. The three parts of
    `waiting_s` are None if there are no lanes. `pid` and `tid` are None for a worker that got no task. `waiting_s` may be
    slightly negative because of the clocks' resolution (but not below -1% of the wall time). `held_back_s` is the part of
    `waiting_s` outside kernel calls, when other threads held the GIL and this one could not start its call.

    `running_s`, `queued_s`, `waiting_s` and the two counters are None if the kernel starts threads inside a call, because
    the worker's clocks cover its own thread only. The wall time without startup, between and idle is then the time inside
    kernel calls.

    `page_faults` is the sum of `minor_faults` and `major_faults`; the latter waited for the disk. `first_call_s` is the part
    of `running_s` in the worker's first call; `fresh` tells whether its process had not called the kernel before.
    `allowed_cores` are the CPU numbers that the last call left to its thread, if the call changed them. `waited_for` divides
    `lock_wait_s` and `io_wait_s` by what the worker waited for, the longest first; None if they are.

    `gil_queued_s` is the part of `queued_s` between two waits for the GIL in which the worker did not get the GIL;
    `gil_handover_s` the part before it ran with the GIL and after it gave up the GIL, at most. None if the lanes do not tell.

    The rest is known of workers that are processes: `other_threads_s` is the CPU time of the process's other threads during
    the worker's calls, `children_s` that of the child processes it waited for, and `threads_left` the number of threads
    that its calls left running.
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
    minor_faults: int | None = None
    major_faults: int | None = None
    first_call_s: float | None = None
    fresh: bool | None = None
    other_threads_s: float | None = None
    children_s: float | None = None
    threads_left: int | None = None
    allowed_cores: tuple[int, ...] | None = None
    waited_for: tuple[NamedWait, ...] | None = None
    gil_queued_s: float | None = None
    gil_handover_s: float | None = None


@dataclass(frozen=True, slots=True)
class PossibleGilWait:
    """The time in seconds for which a worker would have waited for the GIL if the kernel never released it.

    Attributes:
        index: the worker's index.
        startup_s: the part before its first kernel call.
        between_s: the part between its kernel calls.
    """

    index: int
    startup_s: float
    between_s: float


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument, besides the samples, that a user's function is called with."""

    name: str
    value: int | float | bool | str


@dataclass(frozen=True, slots=True)
class UserSource:
    """The source of a user's function.

    Attributes:
        path: the absolute path of its file; "" for a module that is imported by name.
        folder: a folder in which its imports are searched, besides the interpreter's own folders.
        stamp: the file's modification time when the run was planned, in nanoseconds since the epoch.
        arguments: the arguments that it is called with, besides the samples and the seed.
    """

    path: str
    folder: str
    stamp: int = 0
    arguments: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class UserKernelInfo:
    """A user's function, as found after its import.

    Attributes:
        signature: its parameters, as Python writes them; "" if it has no signature.
        summary: the first line of its docstring.
        file, line: the place of its definition; "" and 0 if unknown.
        takes_seed: it has a parameter `seed`, which gets a different seed for each task.
        compiled_by: "Numba" or "".
        releases_gil: whether the compiled function releases the GIL; None if unknown.
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
    """Import a kernel and compile it, before anything is timed.

    With `in_subinterpreter`, only check whether the kernel loads in a subinterpreter, which some extensions refuse. `own` is
    the source of a user's function. With `threads_inside`, also find out which library starts the threads inside a call.
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
        trial: the trial's number, unique within one host.
        task_samples: the samples of each task, in order.
        task_seeds: the seed of each task.
        shared_seed: the seed of the generator that the threads of one process share, if the kernel has one.
        mode_is_interpreters: the workers are subinterpreters: threads of one process, each with its own GIL.
        own: the source of a user's function; None for a kernel of the catalog.
        threads_inside: a call of the kernel starts threads, which the worker's clocks do not cover.
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
    """The host's first message: it is ready, and this is its interpreter."""

    pid: int
    python: str
    implementation: str
    free_threaded_build: bool
    gil_enabled: bool


@dataclass(frozen=True, slots=True)
class Prepared:
    """A kernel is ready: the times of its imports and of its compilation. `gil_enabled` is the state after the imports.

    `gil_reenabled_by` is the module whose import enabled the GIL of a free-threaded build. `found` describes a user's
    function. `threading_layer` names the library that starts threads inside a call ("tbb", "omp" or "workqueue"); None if
    the kernel starts none. `changed` lists what the import of a user's function changed in the host process.
    """

    kernel: str
    import_s: float
    compile_s: float
    gil_enabled: bool
    gil_reenabled_by: str | None = None
    found: UserKernelInfo | None = None
    threading_layer: str | None = None
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PrepareFailed:
    """A kernel cannot run in this host, and the reason."""

    kernel: str
    failure: Failure


@dataclass(frozen=True, slots=True)
class TrialFacts:
    """What is measured of a trial besides its ledger. None is unknown, as in runs stored before a field existed.

    Attributes:
        cores: who used the cores; None for a trial of less than 50 ms, or if the system does not tell.
        thread_cpu: threads of the host that are no workers and used at least 5% of a core, the busiest first.
        changed: what the kernel changed in the host process, one phrase per change. Another kernel then needs a new host.
        switch_interval_s: how long a thread keeps the GIL, at the trial's end.
        returned: the type of the results, if none of them is a number.
        received_bytes: what this process read during a trial whose workers are processes, without their readings.
        sent_bytes: what this process wrote.
    """

    cores: CoreAccount | None = None
    thread_cpu: tuple[ThreadCpu, ...] | None = None
    changed: tuple[str, ...] | None = None
    switch_interval_s: float | None = None
    returned: str | None = None
    received_bytes: int | None = None
    sent_bytes: int | None = None


NO_FACTS = TrialFacts()
"""Nothing is known."""


@dataclass(frozen=True, slots=True)
class TrialDone:
    """A finished trial.

    Attributes:
        started_at: the start, in seconds since the epoch.
        results: the result of each task, in order; None for a result that is not a number.
        faults: one sentence for each failed check of the ledger; normally empty.
        leftovers: one sentence for each thread or process that the tasks left running. If there is one, the host should
            be replaced.
        maybe_held: one entry per worker with a task, if the workers are threads under one GIL and it is unknown whether the
            kernel holds it. The lanes then show whether the workers waited for the GIL.
        facts: what was measured besides the ledger.
    """

    trial: int
    wall_s: float
    started_at: float
    workers: tuple[WorkerLedger, ...]
    results: tuple[int | float | None, ...]
    faults: tuple[str, ...] = ()
    leftovers: tuple[str, ...] = ()
    maybe_held: tuple[PossibleGilWait, ...] = ()
    facts: TrialFacts = NO_FACTS


@dataclass(frozen=True, slots=True)
class TrialFailed:
    """A trial that could not be finished. The host stays usable if `leftovers` is empty; `changed` is as in `TrialDone`."""

    trial: int
    failure: Failure
    leftovers: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


# ---- from the observer to the app ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HostStarted:
    """The observer has started the host."""

    pid: int
    observer_pid: int


@dataclass(frozen=True, slots=True)
class HostEnded:
    """The host and all of its descendants have ended.

    Attributes:
        exit_code: the exit code as in `subprocess`: a negative one is a signal's number.
        ended: the number of processes besides the host that had to be ended.
        removed: the names of shared memory that had to be removed.
        survivors: the ids of processes that could not be ended (never seen so far).
        observer_signal: the number of the signal from outside for which the observer ended the host; 0 if there was none.
    """

    exit_code: int
    ended: int
    removed: tuple[str, ...]
    survivors: tuple[int, ...] = ()
    observer_signal: int = 0


@dataclass(frozen=True, slots=True)
class LanesSeen:
    """The lanes since the last such message.

    Attributes:
        trial: the trial's number.
        start_ns: the time of tick 0, on the clock of `time.perf_counter_ns`.
        period_ns: the time between two ticks.
        first_tick: the tick of the first letter of each lane.
        made: the number of ticks of the trial so far at which the lanes were sampled.
        missed: the number of ticks of the trial so far that the sampler missed.
        certainty: the source of the lanes.
        lanes: one piece per observed worker, all of the same length.
        ticks: the trial's totals; only in the last message of a trial.
        ended: this is the last message of the trial.
        outside: the totals of threads outside kernel calls since the start of the trial; None if they were not sampled.
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
    """Encode a message as one line of UTF-8 JSON, including the newline."""
    fields = {"v": VERSION, "type": type(message).__name__, **dataclasses.asdict(message)}
    return dumps(fields, separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> Message:
    """Decode one line.

    Raises:
        ProtocolError: the line is not JSON, has another version or an unknown type, or a field is missing or wrong.
    """
    try:
        fields = loads(line)
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
