"""Run pure-Python work in threads of the app itself, so that the user can feel the GIL.

Only the mode `threads` and kernels without libraries run here, in slices short enough for a prompt stop. The screen competes
with the work for one GIL, and its heartbeat shows that. The figures are compared with nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

from pi_tui.analysis.results import Case, Status, Trial
from pi_tui.engine.run.estimate import Rates
from pi_tui.engine.run.events import CaseFinished, Event, Progress, RunFinished, RunStarted, TrialFinished, TrialStarted
from pi_tui.engine.run.plan import Plan
from pi_tui.engine.run.run_results import RunResults
from pi_tui.host import ledger, rusage, worker_runtime
from pi_tui.host.kernels.catalog import load_kernel
from pi_tui.host.protocol import Failure
from pi_tui.host.seeds import derive_task_seeds

SLICE_SAMPLES = 20_000
"""Samples between two checks for a stop: some milliseconds of pure Python."""


class InAppRun:
    """One run in threads of this process; it yields the same events as any other run."""

    def __init__(self, plan: Plan, rates: Rates, clock: Callable[[], float]) -> None:
        self._plan = plan
        self._rates = rates
        self._clock = clock
        self._results = RunResults(plan, in_app=True)
        self._stopped = threading.Event()
        self._started_s = 0.0
        self._done = 0

    def stop(self) -> None:
        """Ask the threads to stop; each one does at the end of its slice."""
        self._stopped.set()

    def events(self) -> Iterator[Event]:
        """Run the plan and yield its events. Leaving the iterator early stops the run."""
        self._started_s = self._clock()
        plan = self._plan
        yield RunStarted(plan.machine, plan.interpreters, tuple(self._results.records), plan.trials, plan.seed)
        try:
            for missing in plan.unavailable:
                yield CaseFinished(self._results.get(missing.case), self._progress())
            for number in range(1, plan.request.repeat + 1):  # from 1: there is no warm-up
                for case in self._results.list_open_cases():
                    yield from self._run_trial(case, number)
            for case in self._results.list_open_cases():
                status: Status = "stopped" if self._stopped.is_set() else "ok"
                yield CaseFinished(self._results.close_case(case, status), self._progress())
        except GeneratorExit:
            self.stop()
            raise
        yield RunFinished(self._results.get_all(), self._stopped.is_set(), self._clock() - self._started_s)

    def _progress(self) -> Progress:
        """Compute the progress; the time left follows from each case's trials so far."""
        plan, left, left_s = self._plan, 0, 0.0
        for case in self._results.list_open_cases():
            trials = plan.request.repeat - len(self._results.records[case].trials)
            trial_s = self._rates.estimate_trial_s(
                case, plan.kernels[case.kernel], plan.machine.usable_cores, in_app=True
            )
            left, left_s = left + trials, left_s + trials * trial_s
        return Progress(self._done, self._done + left, self._clock() - self._started_s, left_s)

    def _run_trial(self, case: Case, number: int) -> Iterator[Event]:
        if self._stopped.is_set():
            return
        yield TrialStarted(case, "measured", number, 0, self._progress())
        try:
            trial = self._measure(case, number)
        except Exception as error:  # a failed case becomes a row of the table
            failure = Failure(type(error).__name__, str(error))
            yield CaseFinished(self._results.close_case(case, "failed", failure), self._progress())
            return
        if trial is None:
            return
        self._done += 1
        record = self._results.records[case]
        before = record.summary
        record.trials.append(trial)
        record.gil_enabled = self._plan.interpreter(case).gil_enabled
        result = self._results.get(case)
        if record.summary is not before:
            self._rates.learn(result)
        yield TrialFinished(case, trial, result, self._progress())

    def _measure(self, case: Case, number: int) -> Trial | None:
        """Run one trial in threads, each task in slices; return None if it was stopped."""
        kernel = self._plan.kernels[case.kernel]
        function = load_kernel(kernel.module, kernel.function)
        records: list[bytes] = []
        results: list[int | float | None] = [None] * case.tasks
        seeds = derive_task_seeds(self._plan.seed, number, case.tasks)
        rusage.use_getrusage()
        worker_runtime.set_reading_sink(records.append)

        def sliced(samples: int, seed: int) -> int:
            hits = 0
            for turn, first in enumerate(range(0, samples, SLICE_SAMPLES)):
                if self._stopped.is_set():
                    break
                hits += function(min(SLICE_SAMPLES, samples - first), seed + turn)
            return hits

        def worker(index: int) -> None:
            for task in range(index, case.tasks, case.workers):
                worker_runtime.record_enter(index, task)
                results[task] = sliced(case.task_samples[task], seeds[task])
                worker_runtime.record_leave(index, task)

        threads = [threading.Thread(target=worker, args=(index,), daemon=True) for index in range(case.workers)]
        started_at, start_ns = time.time(), time.perf_counter_ns()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        end_ns = time.perf_counter_ns()
        worker_runtime.close_thread_files()
        if self._stopped.is_set():
            return None
        found, _ = ledger.parse_readings(b"".join(records))
        books, faults = ledger.build_ledgers(
            found,
            start_ns=start_ns,
            end_ns=end_ns,
            task_samples=case.task_samples,
            workers=case.workers,
            one_gil=kernel.holds_gil is True and self._plan.interpreter(case).gil_enabled,
        )
        return Trial("measured", number, (end_ns - start_ns) / 1e9, started_at, books, tuple(results), faults)
