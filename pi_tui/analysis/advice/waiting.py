"""Verdicts on waiting for anything but the GIL: whether waits overlapped, were served one at a time, or are the function's own.

What a wait is worth is judged by three figures: how long the baseline waits alone for as much work, how much longer the
workers waited together, and the speed-up. Where none of them is known, nothing is said about overlapping.
"""

from __future__ import annotations

from collections.abc import Callable

from pi_tui.analysis.advice import activity, remedies
from pi_tui.analysis.advice.codes import AdviceCode
from pi_tui.analysis.advice.context import NOTABLE_SHARE, AdviceContext, Evidence
from pi_tui.analysis.results import Advice
from pi_tui.analysis.text.prose import capital, count, format_seconds, grouped, percent, times
from pi_tui.host.protocol import WorkerLedger

SHORT_WAITS_PER_S = 1000.0
"""Waits are called short from this many voluntary switches per second on."""

SIMILAR_SHARES = 0.1
"""Workers whose shares differ by at most this are described as "each"."""

SERIAL_SPEEDUP = 1.2
"""Waits did not overlap if the speed-up is at most this,"""
SERIAL_PART = 0.5
"""and the workers waited longer than alone by at least this part of what full serialisation adds."""
OVERLAP_PART = 0.8
"""Waits overlapped if the speed-up is above this part of the workers."""
UNHARMED_PART = 0.9
"""Workers whose speed-up is at least this part of their number are in nobody's way."""
LONGER_PART = 0.25
"""Waits are longer than alone if they are longer by this part of those alone, and by a notable share of the wall."""

MAIN_PART = 0.75
"""The part of the waits from which only the main kind is named."""

DISK_FAULTS_PER_S = 20.0
"""Major page faults per second from which waits of an unknown kind are put down to the disk."""


def judge_wait(context: AdviceContext) -> Advice | None:
    """Judge all waiting except for the GIL, in one verdict."""
    if _gil_held_while_asleep(context):
        return _judge_sleep_with_gil(context)
    work = activity.measure_own_work(context)
    longer = _is_longer_than_alone(context)
    if activity.explains_waits(context, work) and not (longer and work.workers > work.threads + work.children):
        return activity.judge_own_work(context)
    waits = context.waits
    if waits.unknown > max(waits.lock, waits.io):
        return judge_unknown_wait(context)
    if context.workers == 1:
        return _judge_single_worker(context)
    if context.speedup is None:
        return _make(
            context, _own_kind(context), f"{_waited(context)}; whether such waits overlap, this run cannot tell."
        )
    if longer and context.speedup < UNHARMED_PART * context.workers:
        return _judge_longer(context)
    return _judge_overlapping(context)


def explained_by_own_work(context: AdviceContext) -> bool:
    """Return whether the verdict on waiting is one on the function's own threads or children."""
    advice = judge_wait(context)
    return advice is not None and advice.code in (AdviceCode.OWN_THREADS, AdviceCode.OWN_CHILDREN)


def wait_alone_s(context: AdviceContext) -> float | None:
    """Return how long the baseline waits, but not for the GIL, for as much work as the last worker did; None if unknown.

    Of a total that is split, a wait may belong to the task and not to its samples: the longer one counts.
    """
    per_sample = context.per_sample_alone(
        lambda worker: None if worker.waiting_s is None else worker.waiting_s - (worker.gil_wait_s or 0.0)
    )
    if per_sample is None:
        return None
    case, last = context.result.case, context.last
    alone = context.baseline.case.total_samples
    by_task_s = per_sample * alone * last.tasks
    if not context.conditions.kernel.proportional:
        return by_task_s
    by_sample_s = per_sample * last.samples
    return max(by_task_s, by_sample_s) if case.split else by_sample_s


def _waited_s(context: AdviceContext) -> float:
    return context.share(context.blocked) * context.wall_s


def _is_longer_than_alone(context: AdviceContext) -> bool:
    alone_s = wait_alone_s(context)
    if alone_s is None:
        return False
    longer_s = _waited_s(context) - alone_s
    return longer_s >= NOTABLE_SHARE * context.wall_s and longer_s >= LONGER_PART * alone_s


def _is_serial(context: AdviceContext) -> bool:
    """Return whether workers waited as long as if one were served after the other, and gained nothing."""
    alone_s = wait_alone_s(context) or 0.0
    added = (_waited_s(context) - alone_s) / context.wall_s / max(context.call_share, 1e-9)
    fully = (context.workers - 1) / context.workers
    return (context.speedup or 0.0) <= SERIAL_SPEEDUP and added >= SERIAL_PART * fully


def _judge_longer(context: AdviceContext) -> Advice:
    """Judge workers that wait longer together than alone."""
    reached, alone_s = context.speedup or 0.0, wait_alone_s(context) or 0.0
    serial = _is_serial(context)
    against = f"{format_seconds(_waited_s(context))}, against {format_seconds(alone_s)} for the same work alone"
    gained = f"{context.several} were {times(reached)} as fast as one"
    if context.waits.lock >= context.waits.io:
        lock, remedy = _describe_lock(context)
        waited = describe_wait(context, lambda worker: worker.lock_wait_s)
        end = ", so they ran one at a time and more workers gain nothing" if serial else ""
        return _make(
            context,
            AdviceCode.LOCK_WAIT,
            f"{capital(context.several)} contended: {waited} of the time for {lock} ({against}), and {gained}{end}; "
            f"{remedy}.",
        )
    if serial:
        return _make(
            context,
            AdviceCode.WAITS_SERIAL,
            f"{_waited(context)} ({against}), and {gained}: the waits did not overlap, because something serves one at a "
            "time (a lock, a database, a server, a disk), so more workers gain nothing.",
        )
    return _make(
        context,
        AdviceCode.WAITS_SERIAL,
        f"{_waited(context)} ({against}), and {gained}: together they wait longer than alone, so what they wait for has "
        "little room for more workers.",
    )


def _judge_overlapping(context: AdviceContext) -> Advice:
    """Judge workers that wait together no longer than alone, or that lose nothing by it."""
    reached = context.speedup or 0.0
    alone_s = wait_alone_s(context)
    kind = _own_kind(context)
    gained = f"{context.several} were {times(reached)} as fast as one"
    expects = ": each waits for something that the function itself started or expects" if kind == "waits-alone" else ""
    if reached > max(SERIAL_SPEEDUP, OVERLAP_PART * context.workers):
        more = remedies.describe_more_workers(context)
        return _make(context, kind, f"{_waited(context)}{expects}, and the waits overlapped: {gained}{more}.")
    if alone_s is None or alone_s < 0.5 * _waited_s(context):
        return _make(context, kind, f"{_waited(context)}, and {gained}.")
    return _make(
        context,
        kind,
        f"{_waited(context)}{expects}, as long as it does alone ({format_seconds(alone_s)}); {gained}, so it lost its time "
        "elsewhere.",
    )


def _judge_single_worker(context: AdviceContext) -> Advice:
    """Judge waits of a worker that has no other beside it."""
    kind = _own_kind(context)
    if kind == AdviceCode.WAITS_ALONE:
        return _make(
            context,
            kind,
            f"{_waited(context)}, with no other worker running: it waits for something that the function itself started or "
            "expects.",
        )
    rows = [row for row in context.neighbours if row.workers > 1]
    best = max(rows, key=lambda row: row.speedup, default=None)
    if best is None:
        return _make(context, kind, f"{_waited(context)}; two workers will tell whether such waits overlap.")
    nouns = {"processes": "processes", "interpreters": "interpreters"}.get(best.made_of, "threads")
    found = f"{count(best.workers, nouns, nouns)} were {times(best.speedup)} as fast in this run ({best.mode})"
    return _make(context, kind, f"{_waited(context)}; {found}.")


def _own_kind(context: AdviceContext) -> AdviceCode:
    return AdviceCode.WAITS_ALONE if context.waits.lock > context.waits.io else AdviceCode.IO_WAIT


def _waited(context: AdviceContext) -> str:
    """Return the sentence's beginning: who waited how long for what kind of thing."""
    waits = context.waits
    who = f"The {context.noun}" if context.workers == 1 else "The last worker to finish"
    share = percent(context.share(context.blocked))
    name = _describe_name(context)
    if waits.io >= MAIN_PART * context.blocked:
        return f"{who} slept or waited for I/O {share} of the time{name}"
    if waits.lock >= MAIN_PART * context.blocked:
        return f"{who} waited {share} of the time for a lock other than the GIL{name}"
    return f"{who} waited {share} of the time for locks other than the GIL, and for I/O or asleep{name}"


def _describe_name(context: AdviceContext) -> str:
    """Return the system call or lock that the last worker waited in for most of its waiting: " (mostly in `flock`)"."""
    known = context.last.waited_for or ()
    if not known or known[0].seconds < 0.5 * _waited_s(context) or known[0].name == "futex":
        return ""
    return f" (mostly in `{known[0].name}`)"


def _describe_lock(context: AdviceContext) -> tuple[str, str]:
    """Return what the workers waited for, and what to do."""
    kernel = context.conditions.kernel
    if kernel.shared_stream:
        owner = "NumPy's shared random state" if "numpy" in kernel.needs else "the shared random generator"
        remedy = "use one generator per worker to avoid this" + (
            f", as {kernel.unshared} does" if kernel.unshared else ""
        )
        return f"the lock of {owner}, not the GIL", remedy
    lock = f"a lock other than the GIL{_describe_name(context)}"
    if activity.own_threads_size(context):
        return lock, "a library that starts threads may hold it while they work"
    if context.noun == "process":
        return lock, "look for what the processes share (a file, a database, a semaphore)"
    return lock, "look for what the workers share (a queue, a generator, a library's state)"


def _make(context: AdviceContext, code: AdviceCode, sentence: str) -> Advice:
    waits = context.waits
    evidence: Evidence = {
        "lock_wait": waits.lock,
        "io_wait": waits.io,
        "share": context.share(context.blocked),
        "certainty": "lanes" if context.lanes_seen else "the baseline waits alone",
    }
    if (alone_s := wait_alone_s(context)) is not None:
        evidence |= {"alone_s": alone_s, "waited_s": _waited_s(context)}
    if context.speedup is not None:
        evidence["speedup"] = context.speedup
    return Advice(code, sentence, evidence)


def _gil_held_while_asleep(context: AdviceContext) -> bool:
    """Return whether GIL waits far exceed the time that any worker was on a core or ready: its holder was asleep."""
    awake = sum((worker.running_s or 0.0) + (worker.queued_s or 0.0) for worker in context.trial.workers)
    return (
        context.threads_share_a_gil
        and context.lanes_seen
        and (context.last.gil_wait_s or 0.0) > max(2 * awake, 0.1 * context.wall_s)
        and context.waits.io > context.waits.lock
        and (context.speedup is None or context.speedup < UNHARMED_PART * context.workers)
        and not activity.own_threads_size(context)
    )


def _judge_sleep_with_gil(context: AdviceContext) -> Advice:
    remedy = remedies.suggest(context, "calls that release the GIL while they wait")
    return _make(
        context,
        AdviceCode.IO_WAIT,
        f"{_waited(context)}, and the GIL was held meanwhile, so the waits did not overlap{remedy}.",
    )


def judge_unknown_wait(context: AdviceContext) -> Advice:
    """Judge waiting of an unknown kind; it is never called GIL wait."""
    share = context.share(context.waits.unknown)
    evidence: Evidence = {"waiting": context.waits.unknown, "share": share}
    faults_per_s = (context.last.major_faults or 0) / context.wall_s
    if faults_per_s >= DISK_FAULTS_PER_S:
        return Advice(
            AdviceCode.DISK_FAULTS,
            f"The last worker to finish waited {percent(share)} of the time, with {grouped(faults_per_s)} major page faults "
            "per second, each of which waits for the disk: read the file once before, or into memory, to avoid this.",
            {**evidence, "major_faults_per_s": faults_per_s},
        )
    switches = context.switches_per_s
    if switches is not None:
        evidence["switches_per_s"] = switches
    short = switches is not None and switches > SHORT_WAITS_PER_S
    manner = f" in many short waits (up to {grouped(switches or 0.0)} per second)" if short else ""
    what = "was blocked or queued" if context.losses.queued is None else "waited for a lock or I/O"
    seen = any(
        worker.gil_wait_s is not None
        for trial in (*context.result.trials, *context.baseline.trials)
        for worker in trial.workers
    )
    advice = "" if seen else "; run it where lanes can be read"
    return Advice(
        AdviceCode.WAITING,
        f"The last worker to finish {what} {percent(share)} of the time{manner}: which of them was not observed{advice}.",
        evidence,
    )


def describe_wait(context: AdviceContext, waited_s: Callable[[WorkerLedger], float | None]) -> str:
    """Return "each waited 48%" if all waited alike, else "the last to finish waited 50%"."""
    shares = context.shares(lambda worker: waited_s(worker) or 0.0)
    last_share = (waited_s(context.last) or 0.0) / context.wall_s
    if len(shares) > 1 and max(shares) - min(shares) <= SIMILAR_SHARES:
        return f"each waited {percent(sum(shares) / len(shares))}"
    return f"the last to finish waited {percent(last_share)}"
