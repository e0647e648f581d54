"""Implement the ports with this machine's laboratory, meters, clock, folder and history."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from pi_tui.ui.state.ports import CoreMeter, CoreShare, Heartbeat, Laboratory, Ports, QueuedShare

if TYPE_CHECKING:
    from pi_tui.analysis.results import Interpreter, Machine
    from pi_tui.engine.interpreters.interpreter_list import Survey
    from pi_tui.engine.run.events import Event
    from pi_tui.engine.run.plan import Plan
    from pi_tui.engine.run.request import RunRequest
    from pi_tui.engine.watch_client import WatchTarget
    from pi_tui.host.kernels.catalog import Kernel
    from pi_tui.ui.state.ports import HistoryService, Recorder
    from pi_tui.ui.state.watch_session import WatchSession


BEAT_S = 0.2
BEAT_WINDOW_S = 3.0


def make_ports(
    laboratory: Laboratory | None = None, machine: Machine | None = None, *, lanes_hz: int | None = None
) -> Ports:
    """Return all ports, with the real implementation of those that are not given."""
    if machine is None:
        from pi_tui.observe.meters.machine import read_machine

        machine = read_machine()
    return Ports(
        laboratory=laboratory or DeferredLaboratory(machine, lanes_hz),
        machine=machine,
        interpreter=_read_app_interpreter,
        cores=_make_core_meter,
        heartbeat=_make_heartbeat,
        clock=time.monotonic,
        now=datetime.now,
        folder=Path.cwd(),
        core_share=partial(_make_core_share, machine.logical_cores),
        installed_kernels=_find_installed_kernels,
        queued_share=_make_queued_share,
        recorder=RecorderFactory(),
        watch=_start_watch,
        history=_open_history,
        tick_s=BEAT_S,
        return_memory=return_memory,
    )


class DeferredLaboratory:
    """Create the real laboratory at its first call, so that the first frame does not wait for it."""

    def __init__(self, machine: Machine, lanes_hz: int | None = None) -> None:
        self._machine = machine
        self._lanes_hz = lanes_hz
        self._made: Laboratory | None = None
        self._making = threading.Lock()

    def plan(self, request: RunRequest) -> Plan:
        """Plan a request."""
        return self._real().plan(request)

    def run(self, plan: Plan) -> Iterator[Event]:
        """Run a plan."""
        return self._real().run(plan)

    def stop(self) -> None:
        """Stop the run; before the first call there is none."""
        if self._made is not None:
            self._made.stop()

    def warm(self, request: RunRequest) -> None:
        """Make ready what a request needs, then import what only a run needs."""
        self._real().warm(request)
        import ctypes  # noqa: F401

        import pi_tui.observe.meters.core_share
        import pi_tui.observe.meters.lane_record
        import pi_tui.observe.meters.queued_share
        import pi_tui.storage.history.recorder
        import pi_tui.ui.state.packed_result  # noqa: F401

    def pythons(self) -> Survey:
        """Return all interpreters of this machine."""
        return self._real().pythons()

    def close(self) -> None:
        """End everything; before the first call there is nothing."""
        if self._made is not None:
            self._made.close()

    def _real(self) -> Laboratory:
        with self._making:
            if self._made is None:
                from pi_tui.engine.laboratory import Laboratory as RealLaboratory
                from pi_tui.engine.paths import Paths

                self._made = RealLaboratory(
                    self._machine, Paths.from_environment(os.environ), lanes_shown=True, lanes_hz=self._lanes_hz
                )
            return self._made


@cache
def _read_app_interpreter() -> Interpreter:
    from pi_tui.engine.interpreters.interpreter_list import describe_app_interpreter

    return describe_app_interpreter()


def _make_core_meter() -> CoreMeter:
    from pi_tui.observe.meters.cores import CoreMeter as RealMeter

    return RealMeter(max_readings=2)


def _find_installed_kernels() -> tuple[Kernel, ...]:
    from pi_tui.engine.user_kernels.user_kernels import list_installed_kernels

    return list_installed_kernels(Path.cwd())


def _make_core_share(cores: int) -> CoreShare:
    from pi_tui.observe.meters.core_share import CoreShare as RealCoreShare
    from pi_tui.observe.meters.core_share import list_relatives

    return RealCoreShare(cores, relatives=partial(list_relatives, os.getpid()))


def _make_queued_share() -> QueuedShare:
    from pi_tui.observe.meters.queued_share import QueuedShare as RealQueuedShare

    return RealQueuedShare()


class RecorderFactory:
    """Makes the recorder of each run; at the first one it is told whether the runs have no cache."""

    def __init__(self) -> None:
        self._cache_checked = False

    def __call__(self, request: RunRequest, tell: Callable[[str], object]) -> Recorder:
        """Return a recorder that calls `tell` with a sentence if the run cannot be recorded."""
        from pi_tui.engine.paths import Paths
        from pi_tui.storage.history.database import history_path
        from pi_tui.storage.history.recorder import Recorder as RealRecorder

        if not self._cache_checked:
            self._cache_checked = True
            if obstacle := Paths.from_environment(os.environ).describe_cache_obstacle():
                tell(obstacle)
        return RealRecorder(history_path(os.environ), request, tell)


def _open_history() -> HistoryService:
    from pi_tui.storage.history.database import history_path
    from pi_tui.storage.history.service import HistoryService as StoredHistoryService

    return StoredHistoryService(history_path(os.environ))


def _start_watch(target: WatchTarget) -> WatchSession:
    from pi_tui.engine.errors import HostError
    from pi_tui.engine.paths import Paths
    from pi_tui.engine.watch_client import OutputSpool, start_watch
    from pi_tui.ui.state.watch_session import WatchRequest
    from pi_tui.ui.state.watch_session import WatchSession as RealCourse

    kept = None
    try:
        kept = OutputSpool() if target.pid is None else None
        watch = start_watch(target, Paths.from_environment(os.environ), os.environ, None if kept is None else kept.path)
    except (HostError, OSError) as error:
        if kept is not None:
            kept.close()
        if isinstance(error, HostError):
            raise
        raise HostError(f"The watcher cannot be started: {error}") from error
    path, forget = (None, None) if kept is None else (kept.path, kept.close)
    return RealCourse(watch, WatchRequest(target.title, target.pid, path, stay=True, forget=forget), time.monotonic)


def _make_heartbeat() -> Heartbeat:
    from pi_tui.observe.meters.heartbeat import Heartbeat as RealHeartbeat

    return RealHeartbeat(time.monotonic, BEAT_S, window_s=BEAT_WINDOW_S)


def return_memory() -> bool:
    """Collect garbage and return free heap memory to the system; return whether there was any. Takes some 10 ms.

    Each run's events come from a thread, and glibc keeps the memory that each thread freed, in gaps between used blocks: some
    5 of 57 MB after a dozen runs. Other C libraries offer no such call.
    """
    gc.collect()  # skips what was frozen at the start
    if sys.platform != "linux":
        return False
    import ctypes

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has no such function
    return trim is not None and trim(0) == 1
