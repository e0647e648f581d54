"""Estimate how long a run takes: first from the catalog's orders of magnitude, then from what was measured.

Trials in hosts are estimated from trials in hosts. Trials in the app, where the screen takes its share, are estimated from
trials in the app; until there are any, a kernel's rate in hosts is used.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from statistics import median

from pi_tui.analysis.results import Case, Result
from pi_tui.host.kernels.catalog import Kernel
from pi_tui.host.modes.catalog import MODES

PROCESS_START_S = 0.06
"""A first guess of the time one process takes to start, on one core; replaced once a case is measured."""

INTERPRETER_START_S = 0.03
"""The same for one subinterpreter: it is created and imports what it needs while the others wait."""

LIBRARY_IMPORT_S = {"numpy": 0.1, "numba": 0.4}
"""A first guess of the time a library's import adds to the start of a process that has not inherited it."""

TRIAL_OVERHEAD_S = 0.01
"""A first guess of a trial's overhead in a host: its elapsed time minus its wall (request, clean-up, events, storage)."""

_RECENT = 99


@dataclass(slots=True)
class Rates:
    """What this laboratory has measured so far.

    Attributes:
        samples_per_s: samples per second on one core, by kernel and whether it ran in the app.
        walls: median wall of each case, in seconds, by case and whether it ran in the app.
        overhead_s: median overhead of a trial in a host; for tiny trials it is most of a run.
    """

    samples_per_s: dict[tuple[str, bool], float] = field(default_factory=dict)
    walls: dict[tuple[Case, bool], float] = field(default_factory=dict)
    overhead_s: float = TRIAL_OVERHEAD_S
    _recent_overheads_s: deque[float] = field(default_factory=lambda: deque(maxlen=_RECENT))

    def learn(self, result: Result) -> None:
        """Take in a result, complete or not."""
        if result.wall_s is None:
            return
        self.walls[result.case, result.in_app] = result.wall_s.median
        rates = [
            worker.samples / worker.running_s
            for trial in result.measured_trials
            for worker in trial.workers
            if worker.running_s is not None and worker.running_s > 0.001
        ]
        if rates and (result.case.mode == "sequential" or result.in_app):  # in the app only threads run
            self.samples_per_s[result.case.kernel, result.in_app] = median(rates)

    def learn_overhead(self, seconds: float) -> None:
        """Take in the latest trial's overhead. Starting a host for it is an exception that the median ignores."""
        self._recent_overheads_s.append(max(0.0, seconds))
        self.overhead_s = median(self._recent_overheads_s)

    def estimate_trial_s(self, case: Case, kernel: Kernel, usable_cores: int, *, in_app: bool = False) -> float:
        """Estimate the seconds from the start of one trial of `case` until the next can start."""
        wall_s = self.walls.get((case, in_app)) or self._guess(case, kernel, usable_cores, in_app=in_app)
        return wall_s if in_app else wall_s + self.overhead_s

    def _guess(self, case: Case, kernel: Kernel, usable_cores: int, *, in_app: bool) -> float:
        mode = MODES[case.mode]
        known = self.samples_per_s.get((case.kernel, in_app)) or self.samples_per_s.get((case.kernel, False))
        rate = known or kernel.typical_samples_per_s
        work_s = case.total_samples / rate
        at_once = max(1, min(case.workers, case.tasks, usable_cores))
        takes_turns = mode.made_of == "threads" and kernel.holds_gil is True
        if not (takes_turns or mode.serial_by_design):
            work_s /= at_once
        if mode.made_of == "interpreters":
            return work_s + INTERPRETER_START_S * case.workers
        if mode.made_of != "processes":
            return work_s
        each_s = PROCESS_START_S
        if case.start_method != "fork":
            each_s += sum(LIBRARY_IMPORT_S.get(library, 0.0) for library in kernel.needs)
        return work_s + each_s * case.workers / max(1, min(case.workers, usable_cores))
