"""One trial from its request to its ledger."""

from __future__ import annotations

import gc
import importlib
import os
import time
import zlib
from _thread import get_native_id
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from pi_tui.host import leak_check, ledger, rusage, worker_runtime
from pi_tui.host.interpreter_info import gil_enabled
from pi_tui.host.modes.job import InterpreterWork, ProcessWork, Results, Work
from pi_tui.host.protocol import Failure, RunTrial, TrialDone, TrialFailed
from pi_tui.host.result_values import number_of
from pi_tui.host.worker_runtime import Call

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from pi_tui.host.worker_watchdog import Inbox

PIPE_BYTES = 1 << 20
"""As many as an unprivileged process may ask for (/proc/sys/fs/pipe-max-size): thousands of readings."""


@dataclass(frozen=True, slots=True)
class Timed:
    """What came out of a mode, with the trial's start and end on the readings' clock."""

    results: Results
    found: list[ledger.Reading]
    started_at: float
    start_ns: int
    end_ns: int


class TrialError(Exception):
    """A trial could not be finished; carries what to say about it."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


GiveUp = Callable[[Failure], NoReturn]


def run(request: RunTrial, prefix: str, give_up: GiveUp) -> TrialDone | TrialFailed:
    """Run one trial; whatever a kernel does short of ending this process becomes a message.

    `give_up` is called, and does not return, where a worker process was lost and its siblings may wait for ever.
    """
    census = leak_check.Census.take()
    share_a_gil = request.mode_is_threads and gil_enabled()
    nobody_knows = share_a_gil and request.own is not None and request.holds_gil is None
    work, teller = _same_work(request), get_native_id() if nobody_knows else 0
    worker_runtime.call_the_roll(
        worker_runtime.BEGIN, request.workers, teller, time.perf_counter_ns(), work, request.trial
    )
    try:
        timed = _timed(request, prefix, give_up)
    except TrialError as error:
        return TrialFailed(request.trial, error.failure, census.left_behind())
    finally:
        worker_runtime.call_the_roll(worker_runtime.END, 0, 0, time.perf_counter_ns(), trial=request.trial)
        worker_runtime.forget_threads()
    books, faults = ledger.ledgers(
        timed.found,
        start_ns=timed.start_ns,
        end_ns=timed.end_ns,
        task_samples=request.task_samples,
        workers=request.workers,
        one_gil=share_a_gil and request.holds_gil is True,
        threads_inside=request.threads_inside,
    )
    maybe = ledger.maybe_held(timed.found, start_ns=timed.start_ns, workers=request.workers) if nobody_knows else ()
    return TrialDone(
        trial=request.trial,
        wall_s=(timed.end_ns - timed.start_ns) / 1e9,
        started_at=timed.started_at,
        workers=books,
        results=tuple(number_of(result) for result in timed.results),
        faults=faults,
        leftovers=census.left_behind(),
        maybe_held=maybe,
    )


def _timed(request: RunTrial, prefix: str, give_up: GiveUp) -> Timed:
    if request.start_method:
        return _in_processes(request, prefix, give_up)
    return _in_interpreters(request) if request.mode_is_interpreters else _in_threads(request)


def _same_work(request: RunTrial) -> int:
    """A number that all trials of one case have in common, and hardly another case."""
    case = (
        request.kernel,
        request.mode,
        request.start_method,
        request.transport,
        request.workers,
        request.task_samples,
    )
    return zlib.crc32(repr(case).encode())


def _mode(request: RunTrial) -> Callable[..., Results]:
    mode: Callable[..., Results] = getattr(importlib.import_module(request.mode_module), request.mode_function)
    return mode


def _call(request: RunTrial, *, seeds_itself: bool) -> Call:
    own = None
    if request.own is not None:
        from pi_tui.host.user_kernel import code_of

        own = code_of(request.module, request.function, request.own)
    return Call(request.module, request.function, request.trial, seeds_itself=seeds_itself, own=own)


def _tasks(request: RunTrial) -> tuple[tuple[int, int, int], ...]:
    pairs = zip(request.task_samples, request.task_seeds, strict=True)
    return tuple((index, samples, seed) for index, (samples, seed) in enumerate(pairs))


def _in_threads(request: RunTrial) -> Timed:
    """The workers are threads of this process: their readings go to a list, and a shared generator is seeded once."""
    records: list[bytes] = []
    worker_runtime.send_readings_to(records.append)
    if request.own is None:
        module = importlib.import_module(request.module)
        if request.shared_stream:
            module.seed_shared(request.shared_seed)
    work = Work(_call(request, seeds_itself=False), _tasks(request), request.workers)
    mode = _mode(request)
    error: BaseException | None = None
    results: Results = []
    started_at, start_ns = _begin()
    try:
        results = mode(work)
    except BaseException as raised:
        error = raised
    end_ns = time.perf_counter_ns()
    found, _ = ledger.parse(b"".join(records))
    raised_in = next((reading.failure for reading in found if reading.kind == worker_runtime.RAISED), None)
    if raised_in is not None:
        raise TrialError(raised_in)
    if error is not None:
        raise TrialError(describe(error))
    return Timed(results, found, started_at, start_ns, end_ns)


def _in_interpreters(request: RunTrial) -> Timed:
    """The workers are subinterpreters: their readings come through a file, and each seeds what is shared in it."""
    from pi_tui.host.subinterpreters import Letterbox, errors_of_threads, none_left

    error: BaseException | None = None
    results: Results = []
    with closing(Letterbox()) as letters:
        work = InterpreterWork(
            call=_call(request, seeds_itself=request.shared_stream),
            tasks=_tasks(request),
            workers=request.workers,
            report=rusage.report_to,
            home=(letters.descriptor, worker_runtime.roll_call_pipe()),
        )
        mode = _mode(request)
        with none_left(), errors_of_threads() as raised:
            started_at, start_ns = _begin()
            try:
                results = mode(work)
            except BaseException as raised_here:
                error = raised_here
            end_ns = time.perf_counter_ns()
        found, _ = ledger.parse(letters.read())
    raised_in = next((reading.failure for reading in found if reading.kind == worker_runtime.RAISED), None)
    if raised_in is not None:
        raise TrialError(raised_in)
    if error is not None or raised:
        raise TrialError(describe(error or raised[0]))
    return Timed(results, found, started_at, start_ns, end_ns)


def _in_processes(request: RunTrial, prefix: str, give_up: GiveUp) -> Timed:
    """The workers are processes: their readings come through a pipe, and each seeds its own copy of a shared generator."""
    import multiprocessing
    from multiprocessing.connection import Connection

    from pi_tui.host import worker_watchdog

    receiver, sender = multiprocessing.Pipe(duplex=False)
    with receiver, sender:
        _widen(sender.fileno())
        inbox = worker_watchdog.Inbox(receiver.fileno())
        born: list[multiprocessing.process.BaseProcess] = []
        work = ProcessWork(
            call=_call(request, seeds_itself=request.shared_stream),
            tasks=_tasks(request),
            workers=request.workers,
            context=worker_watchdog.recording(multiprocessing.get_context(request.start_method), born),
            report=worker_runtime.report_through,
            home=(sender, _roll_call_pipe(Connection)),
            transport=request.transport or "queue",
            chunksize=request.chunksize,
            prefix=prefix,
        )
        mode = _mode(request)
        error: BaseException | None = None
        results: Results = []
        started_at, start_ns = _begin()
        try:
            with worker_watchdog.watching(inbox, born, len(work.tasks), give_up):
                results = mode(work)
        except BaseException as raised:
            error = raised
        end_ns = time.perf_counter_ns()
        departed = worker_watchdog.gone(born) if error is not None else []
        inbox.take_in()
        if error is not None:
            raise TrialError(inbox.failure() or _loss(inbox, departed, error) or describe(error))
    return Timed(results, inbox.readings, started_at, start_ns, end_ns)


def _loss(inbox: Inbox, departed: list[tuple[int, int]], error: BaseException) -> Failure | None:
    """How a worker was lost, if that is what ended the trial: a pool ends all of its own where a result cannot be sent."""
    from pi_tui.host import worker_watchdog

    return None if type(error).__name__ == "MaybeEncodingError" else worker_watchdog.lost(inbox, departed)


def _roll_call_pipe(make: type[Connection]) -> Connection | None:
    """The way to the observer, as something that multiprocessing can hand to a worker."""
    descriptor = worker_runtime.roll_call_pipe()
    return make(os.dup(descriptor), readable=False) if descriptor >= 0 else None


def _begin() -> tuple[float, int]:
    """The trial's start; what earlier trials left to collect is collected before."""
    gc.collect()
    return time.time(), time.perf_counter_ns()


def _widen(descriptor: int) -> None:
    """Make a pipe as large as it may be, so that a worker does not wait for its reader."""
    try:
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    except (ImportError, AttributeError, OSError):
        pass


def describe(error: BaseException) -> Failure:
    """An exception as a row can say it."""
    import traceback

    trace = "".join(traceback.format_exception(error))
    return Failure(type(error).__name__, str(error) or type(error).__name__, trace[-4000:])
