"""Run one trial, from its request to its ledger."""

from __future__ import annotations

import gc
import importlib
import os
import zlib
from _thread import get_native_id
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from time import perf_counter_ns  # bound here: a kernel may replace functions of the module
from time import time as wall_clock_s
from typing import TYPE_CHECKING, NoReturn

from pi_tui.host import ledger, rusage, worker_runtime
from pi_tui.host.interpreter_info import is_gil_enabled
from pi_tui.host.leak_check import LeakCheck
from pi_tui.host.modes.job import InterpreterJob, Job, ProcessJob, Results
from pi_tui.host.protocol import Failure, RunTrial, TrialDone, TrialFailed
from pi_tui.host.result_values import to_number
from pi_tui.host.trial_facts import FactsBefore, note_call
from pi_tui.host.worker_runtime import Call

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from pi_tui.host.worker_watchdog import ReadingReceiver

PIPE_BYTES = 1 << 20
"""The largest pipe for an unprivileged process (/proc/sys/fs/pipe-max-size); it holds thousands of readings."""


@dataclass(frozen=True, slots=True)
class TimedRun:
    """The results and readings of a mode, with the trial's start and end on the clock of the readings."""

    results: Results
    readings: list[ledger.Reading]
    started_at: float
    start_ns: int
    end_ns: int


class TrialError(Exception):
    """A trial could not be finished; `failure` is the reason."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


GiveUp = Callable[[Failure], NoReturn]


def run_trial(request: RunTrial, prefix: str, give_up: GiveUp) -> TrialDone | TrialFailed:
    """Run one trial and return its ledger or its failure; an exception of the kernel is a failure, too.

    `give_up` ends this process. It is called if a worker process is lost, because the other workers may then wait forever.
    """
    check = LeakCheck.start()
    facts = FactsBefore.read(request)
    fresh = note_call(request)
    share_a_gil = request.mode_is_threads and is_gil_enabled()
    gil_behaviour_unknown = share_a_gil and request.own is not None and request.holds_gil is None
    case_hash, observed_tid = _hash_case(request), get_native_id() if gil_behaviour_unknown else 0
    worker_runtime.send_worker_event(
        worker_runtime.BEGIN, request.workers, observed_tid, perf_counter_ns(), case_hash, request.trial
    )
    try:
        timed = _run_mode(request, prefix, give_up)
    except TrialError as error:
        return TrialFailed(request.trial, error.failure, check.find_leaks(), facts.find_changes())
    finally:
        worker_runtime.send_worker_event(worker_runtime.END, 0, 0, perf_counter_ns(), trial=request.trial)
        worker_runtime.close_thread_files()
    measured = facts.measure(request, timed.readings, timed.results)
    ledgers, faults = ledger.build_ledgers(
        timed.readings,
        start_ns=timed.start_ns,
        end_ns=timed.end_ns,
        task_samples=request.task_samples,
        workers=request.workers,
        one_gil=share_a_gil and request.holds_gil is True,
        threads_inside=request.threads_inside,
        own_processes=bool(request.start_method),
        fresh=fresh,
    )
    if missing := len(request.task_samples) - ledger.count_finished(timed.readings):
        return TrialFailed(request.trial, _describe_missing(missing, len(request.task_samples)), check.find_leaks())
    possible_gil_waits = (
        ledger.find_possible_gil_waits(timed.readings, start_ns=timed.start_ns, workers=request.workers)
        if gil_behaviour_unknown
        else ()
    )
    return TrialDone(
        trial=request.trial,
        wall_s=(timed.end_ns - timed.start_ns) / 1e9,
        started_at=timed.started_at,
        workers=ledgers,
        results=tuple(to_number(result) for result in timed.results),
        faults=faults,
        leftovers=check.find_leaks(),
        maybe_held=possible_gil_waits,
        facts=measured,
    )


def _describe_missing(missing: int, tasks: int) -> Failure:
    """Describe tasks that ended without a result and without an exception that could be reported."""
    return Failure(
        "TaskLost", f"{missing} of {tasks} tasks ended without a result: their threads ended in the middle of it"
    )


def _run_mode(request: RunTrial, prefix: str, give_up: GiveUp) -> TimedRun:
    if request.start_method:
        return _run_in_processes(request, prefix, give_up)
    return _run_in_interpreters(request) if request.mode_is_interpreters else _run_in_threads(request)


def _hash_case(request: RunTrial) -> int:
    """Return a number that is equal for all trials of a case and almost certainly different for other cases."""
    case = (
        request.kernel,
        request.mode,
        request.start_method,
        request.transport,
        request.workers,
        request.task_samples,
    )
    return zlib.crc32(repr(case).encode())


def _load_mode(request: RunTrial) -> Callable[..., Results]:
    mode: Callable[..., Results] = getattr(importlib.import_module(request.mode_module), request.mode_function)
    return mode


def _make_call(request: RunTrial, *, seed_in_worker: bool) -> Call:
    user_code = None
    if request.own is not None:
        from pi_tui.host.user_kernel import load_user_code

        user_code = load_user_code(request.module, request.function, request.own)
    return Call(request.module, request.function, request.trial, seed_in_worker=seed_in_worker, user_code=user_code)


def _make_tasks(request: RunTrial) -> tuple[tuple[int, int, int], ...]:
    pairs = zip(request.task_samples, request.task_seeds, strict=True)
    return tuple((index, samples, seed) for index, (samples, seed) in enumerate(pairs))


def _run_in_threads(request: RunTrial) -> TimedRun:
    """Run a mode whose workers are threads of this process; their readings go to a list.

    A shared generator is seeded once, here.
    """
    records: list[bytes] = []
    worker_runtime.set_reading_sink(records.append)
    if request.own is None:
        module = importlib.import_module(request.module)
        if request.shared_stream:
            module.seed_shared(request.shared_seed)
    job = Job(_make_call(request, seed_in_worker=False), _make_tasks(request), request.workers)
    mode = _load_mode(request)
    error: BaseException | None = None
    results: Results = []
    started_at, start_ns = _start_clock()
    try:
        results = mode(job)
    except BaseException as raised:
        error = raised
    end_ns = perf_counter_ns()
    readings, _ = ledger.parse_readings(b"".join(records))
    kernel_failure = ledger.find_failure(readings)
    if kernel_failure is not None:
        raise TrialError(kernel_failure)
    if error is not None:
        raise TrialError(describe_error(error))
    return TimedRun(results, readings, started_at, start_ns, end_ns)


def _run_in_interpreters(request: RunTrial) -> TimedRun:
    """Run a mode whose workers are subinterpreters; their readings go to a file.

    Each subinterpreter seeds its own copy of a shared generator.
    """
    from pi_tui.host.subinterpreters import ReadingFile, close_new_interpreters, collect_thread_errors

    error: BaseException | None = None
    results: Results = []
    with closing(ReadingFile()) as reading_file:
        job = InterpreterJob(
            call=_make_call(request, seed_in_worker=request.shared_stream),
            tasks=_make_tasks(request),
            workers=request.workers,
            initializer=rusage.start_reporting,
            initargs=(reading_file.descriptor, worker_runtime.get_event_pipe()),
        )
        mode = _load_mode(request)
        with close_new_interpreters(), collect_thread_errors() as raised:
            started_at, start_ns = _start_clock()
            try:
                results = mode(job)
            except BaseException as raised_here:
                error = raised_here
            end_ns = perf_counter_ns()
        readings, _ = ledger.parse_readings(reading_file.read())
    kernel_failure = ledger.find_failure(readings)
    if kernel_failure is not None:
        raise TrialError(kernel_failure)
    if error is not None or raised:
        raise TrialError(describe_error(error or raised[0]))
    return TimedRun(results, readings, started_at, start_ns, end_ns)


def _run_in_processes(request: RunTrial, prefix: str, give_up: GiveUp) -> TimedRun:
    """Run a mode whose workers are processes; their readings come through a pipe.

    Each process seeds its own copy of a shared generator.
    """
    import multiprocessing
    from multiprocessing.connection import Connection

    from pi_tui.host import worker_watchdog

    reader, writer = multiprocessing.Pipe(duplex=False)
    with reader, writer:
        _enlarge_pipe(writer.fileno())
        receiver = worker_watchdog.ReadingReceiver(reader.fileno())
        started: list[multiprocessing.process.BaseProcess] = []
        job = ProcessJob(
            call=_make_call(request, seed_in_worker=request.shared_stream),
            tasks=_make_tasks(request),
            workers=request.workers,
            context=worker_watchdog.record_processes(multiprocessing.get_context(request.start_method), started),
            initializer=worker_runtime.start_reporting,
            initargs=(writer, _duplicate_event_pipe(Connection)),
            transport=request.transport or "queue",
            chunksize=request.chunksize,
            prefix=prefix,
        )
        mode = _load_mode(request)
        error: BaseException | None = None
        results: Results = []
        started_at, start_ns = _start_clock()
        try:
            with (
                worker_watchdog.watch_workers(receiver, started, len(job.tasks), give_up),
                worker_watchdog.watch_termination(receiver, started),
            ):
                results = mode(job)
        except BaseException as raised:
            error = raised
        end_ns = perf_counter_ns()
        exited = worker_watchdog.list_exited(started) if error is not None else []
        receiver.receive()
        if error is not None:
            raise TrialError(receiver.find_failure() or _find_loss(receiver, exited, error) or describe_error(error))
    return TimedRun(results, receiver.readings, started_at, start_ns, end_ns)


def _find_loss(receiver: ReadingReceiver, exited: list[tuple[int, int]], error: BaseException) -> Failure | None:
    """Return how a worker was lost; None if the trial failed for another reason.

    A pool ends all of its workers if a result cannot be pickled; none of them is then lost.
    """
    from pi_tui.host import worker_watchdog

    return None if type(error).__name__ == "MaybeEncodingError" else worker_watchdog.find_lost_worker(receiver, exited)


def _duplicate_event_pipe(make: type[Connection]) -> Connection | None:
    """Duplicate the pipe to the observer as a connection, which multiprocessing can pass to a worker."""
    descriptor = worker_runtime.get_event_pipe()
    return make(os.dup(descriptor), readable=False) if descriptor >= 0 else None


def _start_clock() -> tuple[float, int]:
    """Collect the garbage of earlier trials, then return the trial's start: seconds since the epoch and perf_counter_ns."""
    gc.collect()
    return wall_clock_s(), perf_counter_ns()


def _enlarge_pipe(descriptor: int) -> None:
    """Enlarge a pipe, so that a worker does not have to wait for its reader."""
    try:
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    except (ImportError, AttributeError, OSError):
        pass


def describe_error(error: BaseException) -> Failure:
    """Convert an exception to a failure."""
    import traceback

    trace = "".join(traceback.format_exception(error))
    return Failure(type(error).__name__, str(error) or type(error).__name__, trace[-4000:])
