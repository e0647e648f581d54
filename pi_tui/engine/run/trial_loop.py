"""Run a plan in hosts: trials interleaved over the cases, each requested from a host and reported as events."""

from __future__ import annotations

import math
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace

from pi_tui.analysis.gil_attribution import is_gil_mostly_held
from pi_tui.analysis.results import Case, Status, Trial, TrialKind
from pi_tui.engine.errors import HostError
from pi_tui.engine.hosts.host_failures import HostCrashed, HostStopped, HostTimeout
from pi_tui.engine.hosts.host_pool import Host, HostPool
from pi_tui.engine.run.estimate import Rates
from pi_tui.engine.run.events import (
    CaseFinished,
    Event,
    HostDisturbed,
    HostReady,
    KernelPrepared,
    LanesMoved,
    Progress,
    RunFinished,
    RunStarted,
    TrialFinished,
    TrialStarted,
)
from pi_tui.engine.run.obstacles import find_threading_obstacle
from pi_tui.engine.run.plan import Plan
from pi_tui.engine.run.rounds import RoundSchedule
from pi_tui.engine.run.run_results import RunResults
from pi_tui.engine.run.trial_outcome import LANES_PATIENCE_S, TrialOutcome
from pi_tui.host.kernels.catalog import Kernel
from pi_tui.host.modes.catalog import MODES
from pi_tui.host.process_state import THREAD_LEFT
from pi_tui.host.protocol import (
    Failure,
    LanesSeen,
    Message,
    Prepare,
    Prepared,
    PrepareFailed,
    RunTrial,
    TrialDone,
    TrialFailed,
)
from pi_tui.host.seeds import derive_shared_seed, derive_task_seeds


def prepare_kernel(
    host: Host, kernel: Kernel, *, in_subinterpreter: bool = False, timeout_s: float | None = None
) -> Message:
    """Have a host import and compile a kernel, or try that in a subinterpreter; done once per host.

    Raises:
        HostTimeout: the user's code was not imported within `timeout_s`.
        HostError: as `HostProcess.receive`.
    """
    what = f"{kernel.name} in a subinterpreter" if in_subinterpreter else kernel.name
    if what not in host.prepared:
        host.has_user_code |= kernel.own is not None
        request = Prepare(
            kernel.name,
            kernel.module,
            kernel.function,
            kernel.needs,
            in_subinterpreter,
            kernel.own,
            kernel.threads_inside,
        )
        host.process.send(request)
        patience_s = None if kernel.own is None else timeout_s
        while isinstance(answer := host.process.receive(patience_s), LanesSeen):
            continue  # late lanes of a trial that failed
        host.prepared[what] = answer
        if isinstance(answer, Prepared):
            host.keeps_cores_busy |= any(change.startswith(THREAD_LEFT) for change in answer.changed)
    return host.prepared[what]


def host_share(kernel: Kernel) -> str:
    """Return what a kernel shares its host by: the catalog's share one, each of the user's has its own."""
    return "" if kernel.own is None else kernel.name


def make_trial_request(case: Case, kernel: Kernel, number: int, host_trial: int, run_seed: int) -> RunTrial:
    """Make the request for one trial of a case. The seeds depend on `number`, the trial's round."""
    mode = MODES[case.mode]
    return RunTrial(
        trial=host_trial,
        kernel=kernel.name,
        module=kernel.module,
        function=kernel.function,
        holds_gil=kernel.holds_gil,
        shared_stream=kernel.shared_stream,
        mode=mode.name,
        mode_module=mode.module,
        mode_function=mode.function,
        mode_is_threads=mode.made_of == "threads",
        mode_is_interpreters=mode.made_of == "interpreters",
        start_method=case.start_method,
        transport=case.transport,
        chunksize=case.chunksize or 1,
        workers=case.workers,
        task_samples=case.task_samples,
        task_seeds=derive_task_seeds(run_seed, number, case.tasks),
        shared_seed=derive_shared_seed(run_seed, number),
        own=kernel.own,
        threads_inside=kernel.threads_inside,
    )


class CaseEndedError(Exception):
    """A case cannot go on; carries the status and the reason."""

    def __init__(self, status: Status, failure: Failure) -> None:
        super().__init__(failure.message)
        self.status = status
        self.failure = failure


class HostRun:
    """One run of a plan in hosts. `events` is iterated once, in any thread; `stop` may be called from any other."""

    def __init__(self, plan: Plan, hosts: HostPool, rates: Rates, clock: Callable[[], float]) -> None:
        self._plan = plan
        self._hosts = hosts
        self._rates = rates
        self._clock = clock
        self._results = RunResults(plan)
        self._schedule = RoundSchedule(plan.request, self._elapsed_s)
        self._stopped = threading.Event()
        self._started_s = 0.0
        self._done = 0
        self._announced: set[str] = set()
        self._lanes_patience_s = LANES_PATIENCE_S
        self._remaining: dict[Case, tuple[int, int]] = {}

    def stop(self) -> None:
        """End everything the run has started; its events then end with the results so far."""
        self._stopped.set()
        self._hosts.stop_all()

    def events(self) -> Iterator[Event]:
        """Run the plan and yield its events. Leaving the iterator early stops the run."""
        self._started_s = self._clock()
        plan = self._plan
        self._hosts.drop_user_code_hosts()  # the user may have edited a file since
        yield RunStarted(plan.machine, plan.interpreters, tuple(self._results.records), plan.trials, plan.seed)
        try:
            for missing in plan.unavailable:
                yield CaseFinished(self._results.get(missing.case), self._progress())
            for number, kind in self._schedule:
                if not (open_cases := self._results.list_open_cases()):
                    break
                for case in open_cases:
                    if self._stopped.is_set():
                        break
                    yield from self._run_timed_trial(case, number, kind)
            for case in self._results.list_open_cases():
                status: Status = "stopped" if self._stopped.is_set() else "ok"  # "ok" at the time limit
                yield CaseFinished(self._results.close_case(case, status), self._progress())
        except GeneratorExit:
            self.stop()
            raise
        results = self._results.get_all()
        # a stop that came when everything was done changes nothing
        cut_short = self._stopped.is_set() and any(result.status == "stopped" for result in results)
        yield RunFinished(results, cut_short, self._clock() - self._started_s)

    def _run_timed_trial(self, case: Case, number: int, kind: TrialKind) -> Iterator[Event]:
        """Run one trial and record its overhead (elapsed minus wall), including the time the consumer holds the generator."""
        began_s, done = self._clock(), self._done
        yield from self._run_trial(case, number, kind)
        if self._done > done:
            self._rates.learn_overhead(self._clock() - began_s - self._results.records[case].trials[-1].wall_s)

    def _run_trial(self, case: Case, number: int, kind: TrialKind) -> Iterator[Event]:
        """Run one trial of one case, with the host and the kernel it needs."""
        host: Host | None = None
        try:
            kernel = self._results.kernels[case.kernel]
            host = self._hosts.get(self._plan.interpreter(case), case.gil, host_share(kernel))
            if self._stopped.is_set():  # the host may have started after `stop` ended all others
                self._hosts.drop(host)
                return
            yield from self._make_ready(host, case)
            yield TrialStarted(case, kind, number, host.process.pid, self._progress())
            trial, leftovers = yield from self._measure(host, case, number, kind)
        except CaseEndedError as ended:
            yield CaseFinished(self._results.close_case(case, ended.status, ended.failure), self._progress())
            return
        except HostStopped:
            if not self._stopped.is_set():  # a late stop of the previous run
                yield CaseFinished(self._results.close_case(case, "stopped"), self._progress())
            return
        except HostError as error:
            if host is not None:
                self._hosts.drop(host)  # the next case gets a new host
            if not self._stopped.is_set():
                failure = Failure("HostError", str(error))
                yield CaseFinished(self._results.close_case(case, "failed", failure), self._progress())
            return
        record = self._results.records[case]
        before = record.summary
        record.trials.append(trial)
        self._done += 1
        is_last = self._count_remaining(case) <= 0
        if is_last:
            record.finished = True
        result = self._results.get(case)
        if record.summary is not before:
            self._rates.learn(result)
        yield TrialFinished(case, trial, result, self._progress())
        if is_last:
            yield CaseFinished(result, self._progress())
        if leftovers:
            self._hosts.drop(host)

    def _make_ready(self, host: Host, case: Case) -> Iterator[Event]:
        """Announce a new host, and have it prepare the case's kernel before anything is timed.

        Raises:
            CaseEndedError: the kernel cannot be prepared, or cannot run in this case.
        """
        kernel = self._results.kernels[case.kernel]
        timeout_s = self._plan.request.timeout_s
        ready = host.process.ready
        if host.process.run_id not in self._announced:
            self._announced.add(host.process.run_id)
            yield HostReady(case.python, host.process.pid, host.process.observer_pid, ready.gil_enabled)
        is_new, mark = kernel.name not in host.prepared, host.process.log_position()
        try:
            answer = prepare_kernel(host, kernel, timeout_s=timeout_s)
            if isinstance(answer, Prepared) and MODES[case.mode].made_of == "interpreters":
                isolated = prepare_kernel(host, kernel, in_subinterpreter=True, timeout_s=timeout_s)
                answer = isolated if isinstance(isolated, PrepareFailed) else answer
        except HostTimeout as late:
            self._hosts.drop(host)
            failure = Failure("TimeOut", f"importing it took longer than {timeout_s:g} s and was ended")
            raise CaseEndedError("failed", self._append_log(failure, host, mark)) from late
        except HostCrashed as crash:
            self._hosts.drop(host)
            raise CaseEndedError("failed", self._append_log(crash.failure, host, mark)) from crash
        if isinstance(answer, PrepareFailed):
            status: Status = (
                "unavailable" if answer.failure.type in ("ImportError", "ModuleNotFoundError") else "failed"
            )
            raise CaseEndedError(status, answer.failure)
        if isinstance(answer, Prepared):
            if reason := find_threading_obstacle(case, answer.threading_layer, sys.platform):
                raise CaseEndedError("unavailable", Failure("Unavailable", reason))
            record = self._results.records[case]
            record.gil_enabled, record.gil_reenabled_by = answer.gil_enabled, answer.gil_reenabled_by
            if answer.found is not None:
                releases = answer.found.releases_gil
                holds_gil = kernel.holds_gil if releases is None else not releases
                self._results.kernels[kernel.name] = replace(
                    kernel, holds_gil=holds_gil, takes_seed=answer.found.takes_seed
                )
            if is_new:
                yield KernelPrepared(
                    kernel.name, case.python, answer.import_s, answer.compile_s, answer.found, answer.threading_layer
                )

    def _measure(
        self, host: Host, case: Case, number: int, kind: TrialKind
    ) -> Generator[Event, None, tuple[Trial, bool]]:
        """Have the host run one trial and yield its lanes meanwhile; return the trial, and whether it left anything behind.

        Raises:
            CaseEndedError: the kernel raised an exception, its host or a worker died, or the trial took too long.
            HostStopped: the user stopped the run.
        """
        host.trials += 1
        timeout_s = self._plan.request.timeout_s
        outcome, mark = TrialOutcome(host.trials, self._lanes_patience_s), host.process.log_position()
        request = make_trial_request(case, self._results.kernels[case.kernel], number, host.trials, self._plan.seed)
        share_a_gil = request.mode_is_threads and self._results.records[case].gil_enabled is True
        try:
            host.process.send(request)
            for lanes in outcome.listen(host.process.receive, timeout_s, self._clock):
                held = request.holds_gil is True or is_gil_mostly_held(lanes.outside)
                yield LanesMoved(case, kind, number, lanes, share_a_gil and held)
        except HostTimeout as late:
            stacks = host.process.collect_stacks()
            self._hosts.drop(host)
            message = (
                f"a trial took longer than {timeout_s:g} s and was ended{outcome.describe_last_second(case, stacks)}"
            )
            raise CaseEndedError("failed", Failure("TimeOut", message, "\n".join(stacks), stacks)) from late
        except HostCrashed as crash:
            self._hosts.drop(host)
            raise CaseEndedError("failed", self._append_log(crash.failure, host, mark)) from crash
        if outcome.lanes_missing:
            if host.process.resume_observer():
                yield HostDisturbed(
                    f"the observer (process {host.process.observer_pid}) had been stopped from outside; it was resumed, "
                    "and the lanes of a trial are missing"
                )
            self._lanes_patience_s /= (
                2  # an observer that was stopped, or a system without lanes, delays no further trial
            )
        answer = outcome.answer
        if isinstance(answer, TrialFailed):
            if answer.leftovers:
                self._hosts.drop(host)
            raise CaseEndedError("failed", self._append_log(answer.failure, host, mark))
        if not isinstance(answer, TrialDone) or answer.trial != host.trials:
            raise HostError(f"the host answered a trial with {type(answer).__name__}")
        prepared = host.prepared.get(case.kernel)
        at_import = prepared.changed if isinstance(prepared, Prepared) else ()
        return outcome.build_trial(kind, number, answer, at_import), bool(answer.leftovers)

    def _append_log(self, failure: Failure, host: Host, mark: int) -> Failure:
        """Add what the host printed since the log position `mark`, because earlier trials of other cases print there too."""
        printed = host.process.log_tail(mark).strip()
        if not printed or printed in failure.traceback:
            return failure
        parts = [part for part in (failure.traceback.strip(), "Printed:\n" + printed) if part]
        return Failure(failure.type, failure.message, "\n\n".join(parts))

    def _progress(self) -> Progress:
        """Compute the progress; the time left follows from each case's trials so far."""
        cores = self._plan.machine.usable_cores
        left_s = 0.0
        left = 0
        for case in self._results.list_open_cases():
            trials = self._count_remaining(case)
            left += trials
            left_s += trials * self._rates.estimate_trial_s(case, self._results.kernels[case.kernel], cores)
        within_s = self._schedule.cap_remaining_s(left_s)
        if within_s < left_s:
            left = math.ceil(left * within_s / left_s)
        return Progress(self._done, self._done + left, self._elapsed_s(), within_s)

    def _count_remaining(self, case: Case) -> int:
        """Count the trials that a case still needs, once per trial: with `until_stable` it takes milliseconds per case."""
        trials = self._results.records[case].trials
        known = self._remaining.get(case)
        if known is None or known[0] != len(trials):
            known = self._remaining[case] = len(trials), self._schedule.count_remaining(trials)
        return known[1]

    def _elapsed_s(self) -> float:
        return self._clock() - self._started_s
