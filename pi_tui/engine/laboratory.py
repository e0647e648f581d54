"""Plan and run experiments; the screen and the command line use the engine through `Laboratory` alone."""

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
from pi_tui.engine.run.trial_loop import HostRun, host_share, prepare_kernel
from pi_tui.host.kernels.catalog import Kernel
from pi_tui.host.protocol import Prepared, PrepareFailed

Clock = Callable[[], float]


class Laboratory:
    """Plans and runs experiments on one machine, one run at a time.

    Args:
        machine: the machine to measure on.
        paths: where caches are kept.
        clock: seconds, used for progress only; trials are timed by the hosts' clocks.
        launch: starts a host.
        lanes_shown: the lanes themselves are shown, so they are sampled finely.
        lanes_hz: samples of the lanes per second, as the user asked; None: as many as their cost allows.
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
        """The interpreter that runs the app."""
        return self._finder.app

    def pythons(self) -> interpreter_list.Survey:
        """Find all interpreters of this machine, with the ids that results use; takes a moment the first time."""
        return self._finder.survey()

    def plan(self, request: RunRequest) -> Plan:
        """Turn a request into a plan. Starts no process, except to probe an interpreter for the first time.

        Raises:
            UsageError: the request is meaningless; the message is one sentence.
        """
        seed = secrets.randbits(32) if request.seed is None else request.seed
        return make_plan(request, self._machine, self._requested_interpreters(request), self._rates, seed)

    def run(self, plan: Plan) -> Iterator[Event]:
        """Run a plan and yield its events; blocks between events. Leaving the iterator early stops the run.

        A request with `in_app` runs in threads of this process, so that the user can feel the GIL; its results are compared
        with nothing.
        """
        if plan.request.in_app:
            run: HostRun | InAppRun = InAppRun(plan, self._rates, self._clock)
        else:
            run = HostRun(plan, self._hosts, self._rates, self._clock)
        with self._preparing, self._lock:  # a host answers one request at a time
            if self._running is not None:
                raise PiTuiError("a run is already in progress")
            self._running = run
        try:
            yield from run.events()
        finally:
            with self._lock:
                self._running = None

    def stop(self) -> None:
        """End the current run and everything it started; may be called from any thread.

        If a run is still waiting for a host to become ready, that host is ended as well.
        """
        with self._lock:
            run = self._running
        if run is not None:
            run.stop()
        else:
            self._hosts.stop_all()

    def warm(self, request: RunRequest) -> None:
        """Start the host and prepare the kernels of a request in advance, so that its first trial starts sooner."""
        try:
            plan = self.plan(request)
            for case in plan.cases:
                with self._preparing:
                    if self._running is not None:
                        return
                    kernel = plan.kernels[case.kernel]
                    host = self._hosts.get(self.interpreter, None, host_share(kernel))
                    if kernel.own is None:  # the user's code runs only when the user runs it
                        prepare_kernel(host, kernel)
        except PiTuiError:
            return  # the run itself will report it

    def inspect_kernel(self, kernel: Kernel, timeout_s: float | None = None) -> Prepared | PrepareFailed:
        """Import a kernel in a host and return what was found.

        Raises:
            HostError: the import ended the host, or took longer than `timeout_s`.
        """
        with self._preparing:
            host = self._hosts.get(self.interpreter, None, host_share(kernel))
            answer = prepare_kernel(host, kernel, timeout_s=timeout_s)
        assert isinstance(answer, Prepared | PrepareFailed)
        return answer

    def close(self) -> None:
        """Stop the run, end all hosts, and cancel every probe of an interpreter."""
        self._finder.close()
        self.stop()
        self._hosts.stop_all()

    def _requested_interpreters(self, request: RunRequest) -> tuple[Interpreter, ...]:
        found: list[Interpreter] = []
        for name in request.pythons:
            found += self._finder.survey().interpreters if name == "all" else [self._finder.find(name)]
        return interpreter_list.deduplicate(found)
