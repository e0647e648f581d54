"""Turn a request into the cases that will run: their product without duplicates, with the baselines they need."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pi_tui.analysis.results import Case, Interpreter, Machine
from pi_tui.engine.errors import UsageError
from pi_tui.engine.run.estimate import Rates
from pi_tui.engine.run.limits import check_numbers, check_sizes, check_split
from pi_tui.engine.run.obstacles import find_in_app_obstacle, find_interpreter_obstacle
from pi_tui.engine.run.request import RunRequest
from pi_tui.engine.suggestions import describe_unknown_name
from pi_tui.engine.user_kernels.user_kernels import resolve_kernels
from pi_tui.host.kernels.catalog import KERNELS, Kernel
from pi_tui.host.modes.catalog import MODES, START_METHODS, TRANSPORTS


@dataclass(frozen=True, slots=True)
class UnavailableCase:
    """A requested combination that cannot run, and the reason as a sentence."""

    case: Case
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What will run, in the order of each round of trials: a baseline comes before the cases compared with it.

    Attributes:
        kernels: the kernels of the cases, by name.
        baselines: the cases among `cases` that others are compared with; they are compared with themselves.
        added: the baselines that the request did not contain.
        unavailable: the requested cases that cannot run.
        estimate_s: the estimated duration of the run.
    """

    request: RunRequest
    machine: Machine
    interpreters: tuple[Interpreter, ...]
    kernels: Mapping[str, Kernel]
    cases: tuple[Case, ...]
    baselines: frozenset[Case]
    added: frozenset[Case]
    unavailable: tuple[UnavailableCase, ...]
    seed: int
    estimate_s: float

    @property
    def trials(self) -> int:
        """Trials of all cases, warm-ups included."""
        return len(self.cases) * (self.request.warmup_rounds + self.request.repeat)

    def interpreter(self, case: Case) -> Interpreter:
        """The interpreter of a case."""
        return next(each for each in self.interpreters if each.id == case.python)

    def find_baseline(self, case: Case) -> Case:
        """Return the case that `case` is compared with."""
        return find_baseline(case, self.kernels[case.kernel])


def find_baseline(case: Case, kernel: Kernel) -> Case:
    """Return the case that `case`, which runs `kernel`, is compared with."""
    return case.baseline(proportional=kernel.proportional)


def make_plan(
    request: RunRequest,
    machine: Machine,
    interpreters: Sequence[Interpreter],
    rates: Rates,
    seed: int,
    folder: Path | None = None,
) -> Plan:
    """Make the plan of a request. The user's files are looked up in `folder`; None is the current folder.

    Raises:
        UsageError: a name is unknown, a number is meaningless, or an unreasonable size is not forced.
    """
    check_names(request)
    check_numbers(request)
    asked_kernels = resolve_kernels(request.kernels, dict(request.arguments), folder or Path.cwd())
    kernels = {**KERNELS, **asked_kernels}  # a GIL setting may select a kernel's twin
    found: dict[Case, str | None] = {}
    for interpreter in interpreters:
        for case, reason in _expand_request(request, tuple(asked_kernels.values()), machine, interpreter):
            found.setdefault(case, reason)
    check_split(found)
    asked = [case for case, reason in found.items() if reason is None]
    cases = tuple(asked) if request.in_app else _insert_baselines(asked, kernels)
    trials_s = sum(
        rates.estimate_trial_s(case, kernels[case.kernel], machine.usable_cores, in_app=request.in_app)
        for case in cases
    )
    estimate_s = _cap_estimate(
        trials_s * (request.warmup_rounds + request.repeat), trials_s * (request.warmup_rounds + 1), request
    )
    if not request.force:
        check_sizes(cases, kernels, machine, estimate_s)
    return Plan(
        request=request,
        machine=machine,
        interpreters=tuple(interpreters),
        kernels=kernels,
        cases=cases,
        baselines=frozenset(case for case in cases if find_baseline(case, kernels[case.kernel]) == case),
        added=frozenset(cases) - frozenset(asked),
        unavailable=tuple(UnavailableCase(case, reason) for case, reason in found.items() if reason is not None),
        seed=seed,
        estimate_s=estimate_s,
    )


def _cap_estimate(estimate_s: float, least_s: float, request: RunRequest) -> float:
    """Cap the estimate at the time limit, but not below `least_s`, the time of the trials that always run."""
    return estimate_s if request.time_limit_s is None else max(least_s, min(estimate_s, request.time_limit_s))


def check_names(request: RunRequest) -> None:
    """Raise UsageError for a name that is in no catalog; kernels are checked by `resolve_kernels`."""
    if not request.kernels:
        raise UsageError(f"no kernel was given: {', '.join(KERNELS)}, or a function of your own, as in ./work.py:func")
    for what, names, known in (
        ("mode", request.modes, MODES),
        ("start method", request.start_methods, START_METHODS),
        ("transport", request.transports, TRANSPORTS),
    ):
        for name in names:
            if name not in known:
                raise UsageError(describe_unknown_name(what, name, known))
        if not names:
            raise UsageError(f"no {what} was given: {', '.join(known)}")


def _expand_request(
    request: RunRequest, kernels: Sequence[Kernel], machine: Machine, interpreter: Interpreter
) -> Iterator[tuple[Case, str | None]]:
    """Yield every combination requested for one interpreter, with the reason if it cannot run."""
    all_workers = request.workers or (machine.usable_cores,)
    for asked, gil, samples, mode_name, workers, tasks in itertools.product(
        kernels, request.gils, request.samples, request.modes, all_workers, request.tasks
    ):
        mode = MODES[mode_name]
        kernel, gil_setting, gil_reason = _apply_gil_setting(asked, gil, interpreter)
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
            reason = gil_reason or find_interpreter_obstacle(case, kernel, interpreter)
            yield case, reason or (find_in_app_obstacle(case, kernel, interpreter) if request.in_app else None)


def _apply_gil_setting(
    kernel: Kernel, gil: bool | None, interpreter: Interpreter
) -> tuple[Kernel, bool | None, str | None]:
    """Return the kernel and the interpreter's GIL setting for the requested setting, or the reason why there are none."""
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
    return kernel, gil, f"{kernel.name} cannot run without the GIL on {interpreter.id}: use a free-threaded build"


def _insert_baselines(asked: Sequence[Case], kernels: Mapping[str, Kernel]) -> tuple[Case, ...]:
    """Put each case behind the baseline it is compared with."""
    ordered: dict[Case, None] = {}
    for case in asked:
        ordered.setdefault(find_baseline(case, kernels[case.kernel]))
        ordered.setdefault(case)
    return tuple(ordered)
