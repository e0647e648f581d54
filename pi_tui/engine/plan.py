"""From a request to the cases that will run: their product, without duplicates, with the baselines they need."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from pi_tui.analysis.results import Case, Interpreter, Machine
from pi_tui.engine.errors import UsageError
from pi_tui.engine.estimate import Rates
from pi_tui.engine.limits import check_numbers, check_sizes
from pi_tui.engine.request import RunRequest
from pi_tui.host.kernels.catalog import KERNELS, Kernel
from pi_tui.host.modes.catalog import MODES, START_METHODS, TRANSPORTS


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A combination that was asked for and cannot run, with the reason in words."""

    case: Case
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What will run, in the order of each round of trials: a baseline stands before what is compared with it.

    Attributes:
        baselines: the cases among `cases` that others are compared with, and which are compared with themselves.
        added: the baselines that nobody asked for.
        estimate_s: about how long it will take.
    """

    request: RunRequest
    machine: Machine
    interpreters: tuple[Interpreter, ...]
    cases: tuple[Case, ...]
    baselines: frozenset[Case]
    added: frozenset[Case]
    unavailable: tuple[Unavailable, ...]
    seed: int
    estimate_s: float

    @property
    def trials(self) -> int:
        """Trials of all cases, warm-ups included."""
        return len(self.cases) * (self.request.warmup + self.request.repeat)

    def interpreter(self, case: Case) -> Interpreter:
        """The interpreter that a case runs on."""
        return next(each for each in self.interpreters if each.id == case.python)


def baseline_of(case: Case) -> Case:
    """What a case is compared with."""
    return case.baseline(proportional=KERNELS[case.kernel].proportional)


def make_plan(
    request: RunRequest, machine: Machine, interpreters: Sequence[Interpreter], rates: Rates, seed: int
) -> Plan:
    """The plan of a request.

    Raises:
        UsageError: a name that is unknown, a number without meaning, or a size beyond reason that is not forced.
    """
    check_names(request)
    check_numbers(request)
    found: dict[Case, str | None] = {}
    for interpreter in interpreters:
        for case, reason in _product(request, machine, interpreter):
            found.setdefault(case, reason)
    asked = [case for case, reason in found.items() if reason is None]
    cases = _with_baselines(asked)
    estimate_s = sum(rates.trial_s(case, machine.usable_cores) for case in cases) * (request.warmup + request.repeat)
    if not request.force:
        check_sizes(cases, machine, estimate_s)
    return Plan(
        request=request,
        machine=machine,
        interpreters=tuple(interpreters),
        cases=cases,
        baselines=frozenset(case for case in cases if baseline_of(case) == case),
        added=frozenset(cases) - frozenset(asked),
        unavailable=tuple(Unavailable(case, reason) for case, reason in found.items() if reason is not None),
        seed=seed,
        estimate_s=estimate_s,
    )


def check_names(request: RunRequest) -> None:
    """Raise a UsageError for a name that is in no catalog."""
    for what, names, known in (
        ("kernel", request.kernels, KERNELS),
        ("mode", request.modes, MODES),
        ("start method", request.start_methods, START_METHODS),
        ("transport", request.transports, TRANSPORTS),
    ):
        for name in names:
            if name not in known:
                raise UsageError(unknown(what, name, known))
        if not names:
            raise UsageError(f"no {what} was given: {', '.join(known)}")


def unknown(what: str, name: str, known: Collection[str]) -> str:
    """The sentence for a name that is not known, with the nearest that is."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"there is no {what} {name!r}" + (f": did you mean {near[0]!r}?" if near else f": {', '.join(known)}")


def _product(request: RunRequest, machine: Machine, interpreter: Interpreter) -> Iterator[tuple[Case, str | None]]:
    """Every combination that was asked of one interpreter, with the reason if it cannot run."""
    all_workers = request.workers or (machine.usable_cores,)
    for name, gil, samples, mode_name, workers, tasks in itertools.product(
        request.kernels, request.gils, request.samples, request.modes, all_workers, request.tasks
    ):
        mode = MODES[mode_name]
        kernel, gil_setting, gil_reason = _with_gil(KERNELS[name], gil, interpreter)
        used = 1 if mode.made_of == "calling thread" else workers
        for method, transport in itertools.product(
            request.start_methods if mode.has_start_methods else (None,),
            request.transports if mode.has_transports else (None,),
        ):
            case = Case(
                kernel=kernel.name,
                mode=mode_name,
                start_method=method,
                transport=transport,
                python=interpreter.id,
                gil=gil_setting,
                workers=used,
                tasks=tasks or used,
                samples=samples,
                split=request.split,
                chunksize=(request.chunksize or 1) if mode.has_chunks else None,
            )
            yield case, gil_reason or _why_not(case, kernel, interpreter)


def _with_gil(kernel: Kernel, gil: bool | None, interpreter: Interpreter) -> tuple[Kernel, bool | None, str | None]:
    """The kernel and interpreter setting that answer to a GIL setting, or the reason why none does."""
    if gil is None:
        return kernel, None, None
    if interpreter.free_threaded_build:
        return kernel, gil, None
    if kernel.holds_gil is gil:
        return kernel, None, None
    if kernel.twin is not None and KERNELS[kernel.twin].holds_gil is gil:
        return KERNELS[kernel.twin], None, None
    if gil:
        return kernel, None, None
    return kernel, gil, f"{kernel.name} cannot run without the GIL on {interpreter.id}: a free-threaded build could"


def _why_not(case: Case, kernel: Kernel, interpreter: Interpreter) -> str | None:
    """Why a case cannot run on an interpreter; None where it can."""
    for library in kernel.needs:
        if library not in interpreter.packages:
            return f"{library} is not installed for Python {interpreter.id}"
    if case.start_method is not None and case.start_method not in interpreter.start_methods:
        return f"this system has no start method {case.start_method!r}"
    if case.transport == "shared-memory" and "numpy" not in interpreter.packages:
        return f"the transport shared-memory is a NumPy array, and numpy is not installed for Python {interpreter.id}"
    return None


def _with_baselines(asked: Sequence[Case]) -> tuple[Case, ...]:
    """The cases that were asked for, each behind the baseline it is compared with."""
    ordered: dict[Case, None] = {}
    for case in asked:
        ordered.setdefault(baseline_of(case))
        ordered.setdefault(case)
    return tuple(ordered)


__all__ = ["Plan", "Unavailable", "baseline_of", "make_plan", "unknown"]
    if MODES[case.mode].made_of == "interpreters" and not interpreter.subinterpreters:
        return f"{case.mode} needs Python 3.14: pi-tui pythons lists those here"
