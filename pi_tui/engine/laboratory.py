"""From a request to a stream of events: the one door to experiments, for the screen and the command line alike."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator

from pi_tui.analysis.results import Interpreter, Machine
from pi_tui.engine.errors import PiTuiError
from pi_tui.engine.hosts.host_pool import HostPool, LaunchHost
from pi_tui.engine.hosts.host_process import HostProcess
from pi_tui.engine.interpreters import interpreter_list
from pi_tui.engine.paths import Paths
from pi_tui.engine.run.estimate import Rates
from pi_tui.engine.run.events import Event
from pi_tui.engine.run.in_app_run import InAppRun
from pi_tui.engine.run.plan import Plan, make_plan
from pi_tui.engine.run.request import RunRequest
from pi_tui.engine.run.trial_loop import HostRun, prepare_kernel
from pi_tui.host.kernels.catalog import Kernel
from pi_tui.host.protocol import Prepared, PrepareFailed

Clock = Callable[[], float]


class Laboratory:
    """Plans and runs experiments on one machine, one run at a time.

    Args:
        machine: what there is to measure on.
        paths: where caches are kept.
        clock: seconds, for progress alone; trials have the hosts' own clocks.
        launch: how a host is started.
        lanes_shown: somebody looks at the lanes themselves, so they are to be fine.
        lanes_hz: looks at the lanes a second that a person asked for; None: as often as their cost allows.
    """

    def __init__(
        self,
        machine: Machine,
        paths: Paths,
        *,
        clock: Clock = time.perf_counter,
        launch: LaunchHost = HostProcess.launch,
        lanes_shown: bool = False,
        lanes_hz: int | None = None,
    ) -> None:
        self._machine = machine
        self._clock = clock
        self._finder = interpreter_list.InterpreterFinder(interpreter_list.describe_app_interpreter(), paths.cache)
        self._hosts = HostPool(
            paths,
            self.interpreter.path,
            launch,
            lanes_shown=lanes_shown,
            cores=machine.usable_cores,
            lanes_hz=lanes_hz,
        )
        self._rates = Rates()
        self._running: HostRun | InAppRun | None = None
        self._lock = threading.Lock()
        self._preparing = threading.Lock()

    @property
    def interpreter(self) -> Interpreter:
        """The app's own Python."""
        return self._finder.app

    def pythons(self) -> interpreter_list.Survey:
        """All interpreters of this machine, with the ids that results will carry; takes a moment when first asked."""
        return self._finder.survey()

    def plan(self, request: RunRequest) -> Plan:
        """What a request comes to. Starts nothing but, once, an interpreter that has not been asked yet who it is.

        Raises:
            UsageError: the request is meaningless, in one sentence.
        """
        seed = secrets.randbits(32) if request.seed is None else request.seed
        return make_plan(request, self._machine, self._requested_interpreters(request), self._rates, seed)

    def run(self, plan: Plan) -> Iterator[Event]:
        """Run a plan; blocks between events. Leaving the iterator early stops the run.

        One whose request says so runs in threads of this process instead, for a person to feel the GIL: such results are
        compared with nothing.
        """
        if plan.request.in_app:
            run: HostRun | InAppRun = InAppRun(plan, self._rates, self._clock)
        else:
            run = HostRun(plan, self._hosts, self._rates, self._clock)
        with self._preparing, self._lock:  # a host answers one question at a time
            if self._running is not None:
                raise PiTuiError("a run is under way already")
            self._running = run
        try:
            yield from run.events()
        finally:
            with self._lock:
                self._running = None

    def stop(self) -> None:
        """End the run that is under way, and everything it started; from any thread.

        One that has not begun waits for a host that is made ready: that ends as well.
        """
        with self._lock:
            run = self._running
        if run is not None:
            run.stop()
        else:
            self._hosts.stop_all()

    def warm(self, request: RunRequest) -> None:
        """Start the host and prepare the kernels of a request, so that its first trial comes sooner."""
        try:
            plan = self.plan(request)
            for case in plan.cases:
                with self._preparing:
                    if self._running is not None:
                        return
                    host = self._hosts.get(self.interpreter, None)
                    if plan.kernels[case.kernel].own is None:  # a person's own code runs when it is asked to
                        prepare_kernel(host, plan.kernels[case.kernel])
        except PiTuiError:
            return  # the run itself will say what is wrong

    def inspect_kernel(self, kernel: Kernel, timeout_s: float | None = None) -> Prepared | PrepareFailed:
        """Import a kernel in a host, and tell what was found.

        Raises:
            HostError: the host did not survive it, or not within `timeout_s`.
        """
        with self._preparing:
            answer = prepare_kernel(self._hosts.get(self.interpreter, None), kernel, timeout_s=timeout_s)
        assert isinstance(answer, Prepared | PrepareFailed)
        return answer

    def close(self) -> None:
        """Stop, end all hosts, and ask no Python any more who it is."""
        self._finder.close()
        self.stop()
        self._hosts.stop_all()

    def _requested_interpreters(self, request: RunRequest) -> tuple[Interpreter, ...]:
        found: list[Interpreter] = []
        for asked in request.pythons:
            found += self._finder.survey().interpreters if asked == "all" else [self._finder.find(asked)]
        return interpreter_list.deduplicate(found)
