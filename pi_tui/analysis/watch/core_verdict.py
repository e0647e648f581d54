"""The verdict on threads of a watched program that were queued for a core: who used the cores, as it was measured."""

from __future__ import annotations

from collections.abc import Sequence

from pi_tui.analysis.advice.codes import AdviceCode
from pi_tui.analysis.results import Advice
from pi_tui.analysis.text.prose import capital, count, percent
from pi_tui.analysis.watch.judged_threads import (
    NOTABLE_WAIT_SHARE,
    SIMILAR_SHARES,
    Evidence,
    JudgedThread,
    describe_wait,
)
from pi_tui.host.watch_protocol import CoreUse

MIN_CORES = 0.05
"""What used fewer cores than this is not mentioned."""

FULL_SHARE = 0.9
"""Cores that were busy for less than this share of the time had room for the queued threads."""

_SPARE_CORES = 0.1
"""The program wants more cores than there are if it wants at least this much more: its clocks are read one after the other."""


def judge_queueing(everyone: Sequence[JudgedThread], use: CoreUse | None) -> Advice | None:
    """Judge the threads that were queued for a core; `use` tells who used the cores, None if it is not known."""
    waiters = [one for one in everyone if one.queued >= NOTABLE_WAIT_SHARE]
    if not waiters:
        return None
    _, evidence = describe_wait(waiters, lambda ledger: ledger.queued_s, "queued")
    most, mean = max(one.queued for one in waiters), sum(one.queued for one in waiters) / len(waiters)
    if len(waiters) == 1:
        sentence = f"One thread was ready to run but queued for a core {percent(mean)} of the time"
    else:
        each = "" if most - mean <= SIMILAR_SHARES else f", up to {percent(most)}"
        sentence = (
            f"{capital(count(len(waiters), 'thread'))} were ready to run but queued for a core {percent(mean)} of the "
            f"time on average{each}"
        )
    masks = {one.seen.allowed_cores for one in waiters}
    (mask,) = masks if len(masks) == 1 else (None,)
    if mask is not None:
        return _judge_narrowed(sentence, mask, evidence, several=len(waiters) > 1)
    if use is None or use.wall_s <= 0:
        return Advice(AdviceCode.QUEUED, f"{sentence}; who used the cores is not known.", evidence)
    wall_s = max(one.ledger.wall_s for one in everyone)
    wanted_s = sum((one.ledger.running_s or 0.0) + (one.ledger.queued_s or 0.0) for one in everyone)
    return _judge_shared(sentence, use, wanted_s / wall_s, evidence)


def _judge_narrowed(sentence: str, mask: tuple[int, ...], evidence: Evidence, *, several: bool) -> Advice:
    cores = f"core {mask[0]} alone" if len(mask) == 1 else f"cores {', '.join(map(str, mask))} alone"
    return Advice(
        AdviceCode.NARROWED_CORES,
        f"{sentence}; {'they' if several else 'it'} may run on {cores}: the program, or what started it, narrowed the "
        "affinity mask (sched_setaffinity, taskset).",
        {**evidence, "allowed_cores": len(mask)},
    )


def _judge_shared(sentence: str, use: CoreUse, wanted: float, evidence: Evidence) -> Advice:
    """Say how many cores the program, other programs and pi-tui each used, and what follows.

    `wanted` is how many cores the program's threads were on or queued for.
    """
    program, pi_tui = use.program_s / use.wall_s, use.pi_tui_s / use.wall_s
    others = max(0.0, use.busy_s / use.wall_s - program - pi_tui)
    shares = sorted(
        (("other programs", others), ("the program", program), ("pi-tui", pi_tui)), key=lambda each: -each[1]
    )
    named = [f"{name} used {cores:.1f}" for name, cores in shares if cores >= MIN_CORES]
    listed = ", ".join(named[:-1]) + " and " + named[-1] if len(named) > 1 else "".join(named)
    facts = f"{sentence}; of {count(use.cores, 'core')}, {listed or 'nothing used any'}"
    evidence = {
        **evidence,
        "cores": use.cores,
        "program": program,
        "others": others,
        "pi_tui": pi_tui,
        "wanted": wanted,
    }
    if program + others + pi_tui < FULL_SHARE * use.cores:
        return Advice(
            AdviceCode.QUEUED,
            f"{facts}, so there was room: a limit of its control group, or an affinity mask, may keep the program back.",
            evidence,
        )
    if wanted > use.cores + _SPARE_CORES and program > max(others, pi_tui):
        return Advice(
            AdviceCode.OVERSUBSCRIBED,
            f"{facts}: the program's threads wanted {wanted:.1f} cores; fewer threads would not make it slower.",
            evidence,
        )
    if pi_tui > others:
        return Advice(AdviceCode.PI_TUI_BUSY, f"{facts}; watch it without a screen (--format table).", evidence)
    alone = "stop the other programs to see this one alone"
    if wanted > use.cores + _SPARE_CORES:
        alone += f", which wants {wanted:.1f} cores by itself"
    return Advice(AdviceCode.SHARED_CORES, f"{facts}; {alone}.", evidence)
