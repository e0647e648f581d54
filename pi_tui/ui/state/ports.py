"""What the screen needs from outside, as narrow as it can be: the app is given these, and tests give their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from pi_tui.analysis.results import Case, Interpreter, Machine
    from pi_tui.analysis.run_comparison import Comparison
    from pi_tui.engine.interpreters.interpreter_list import Survey
    from pi_tui.engine.run.events import Event
    from pi_tui.engine.run.plan import Plan
    from pi_tui.engine.run.request import RunRequest
    from pi_tui.engine.watch_client import WatchTarget
    from pi_tui.host.kernels.catalog import Kernel
    from pi_tui.storage.history.queries import RunEntry, TrialEntry
    from pi_tui.storage.history.replay import TimedEvent
    from pi_tui.storage.history.service import RunListing, StoredRun
    from pi_tui.ui.state.watch_session import WatchSession


class Laboratory(Protocol):
    """Plans and runs experiments; `engine.laboratory.Laboratory` is one."""

    def plan(self, request: RunRequest) -> Plan:
        """What a request comes to; raises a UsageError for one without meaning."""

    def run(self, plan: Plan) -> Iterator[Event]:
        """Run a plan; blocks between events."""

    def stop(self) -> None:
        """End the run that is under way, from any thread."""

    def warm(self, request: RunRequest) -> None:
        """Make ready what a request needs."""

    def pythons(self) -> Survey:
        """All interpreters of this machine; takes a moment when first asked, and may be asked from any thread."""

    def close(self) -> None:
        """End everything."""


class CoreReading(Protocol):
    """How busy each core was, as a share of 1; None where it is not known."""

    @property
    def busy(self) -> tuple[float | None, ...]:
        """A share a core."""


class CoreMeter(Protocol):
    """Reads the cores; `observe.meters.cores.CoreMeter` is one."""

    def read(self) -> CoreReading:
        """A reading now."""


class BeatReading(Protocol):
    """How late the beats of the last seconds came."""

    @property
    def p99_s(self) -> float | None:
        """Of a hundred beats all but one came no later than this."""


class Heartbeat(Protocol):
    """Records how late the app's own beats come; `observe.meters.heartbeat.Heartbeat` is one."""

    def beat(self) -> float | None:
        """Record a beat; how late it is."""

    def read(self) -> BeatReading:
        """The last seconds."""

    def restart(self) -> None:
        """Forget everything."""


class CoreShare(Protocol):
    """What some threads use of each core; `observe.meters.core_share.CoreShare` is one."""

    def read(self, threads: Sequence[tuple[int, int]]) -> tuple[float, ...] | None:
        """Look at threads, each a process and a thread id; a share a core, None where it is not known."""

    def restart(self) -> None:
        """Forget everything: other threads come."""


class QueuedShare(Protocol):
    """For what share of its time each of some threads was queued; `observe.meters.queued_share.QueuedShare` is one."""

    def read(self, threads: Sequence[tuple[int, int]]) -> Mapping[tuple[int, int], float]:
        """Look at threads, each a process and a thread id; the shares that are known."""

    def restart(self) -> None:
        """Forget everything: other threads come."""


class Recorder(Protocol):
    """Writes one run into the history while it happens; `storage.history.recorder.Recorder` is one."""

    def record(self, event: Event) -> None:
        """Record an event before it is shown."""

    def close(self, reason: str = "") -> None:
        """The run is over; `reason` says why it broke off."""


class HistoryService(Protocol):
    """The runs that were recorded, asked from any thread; `storage.history.service.HistoryService` is one."""

    @property
    def to_local_time(self) -> Callable[[float], datetime]:
        """A moment, in seconds since the epoch, as a person here reads it."""

    def list_runs(self) -> RunListing:
        """All runs."""

    def get_entry(self, run_id: int) -> RunEntry:
        """A run as a line of the list."""

    def load_run(self, run_id: int) -> StoredRun:
        """A run with its results."""

    def list_trials(self, run_id: int) -> tuple[dict[int, Case], list[TrialEntry]]:
        """The cases of a run by number, and its trials."""

    def compare_runs(self, before: int, after: int) -> Comparison:
        """What changed from one run to another."""

    def replay_events(self, run_id: int) -> Iterator[TimedEvent]:
        """The events of a run and when they came."""

    def set_note(self, run_id: int, text: str) -> None:
        """Give a run a note."""

    def set_reference(self, run_id: int | None) -> None:
        """Mark a run as the reference, or none."""

    def delete(self, run_id: int) -> None:
        """Take a run out of sight."""

    def undelete(self) -> int | None:
        """Bring back the run that was deleted last: its number, None where there is none."""


@dataclass(frozen=True)
class Ports:
    """Everything that the app does not make itself.

    Attributes:
        interpreter: tells the app's own.
        cores, heartbeat: made when the first frame stands.
        clock: seconds, never going back.
        now: the time of day, for names of files.
        folder: where exports and screenshots go unless told otherwise.
        tick_s: how often the app beats, and the screen may be told of the cores and of a run's progress.
        installed_kernels: those that installed packages register; takes a moment. None where there are none to be had.
        core_share: tells what measured threads use of each core; None where nothing can.
        queued_share: tells for what share of its time each thread was queued; None where nothing can.
        history: makes what reads the history; None where none is kept.
        watch: begins to watch a program; None where none can be.
        recorder: makes what records the run of a request, and is given a way to tell what keeps it from that; None where
            no history is kept.
        return_memory: gives free memory back to the system, after each run; None where it is left to itself.
    """

    laboratory: Laboratory
    machine: Machine
    interpreter: Callable[[], Interpreter]
    cores: Callable[[], CoreMeter]
    heartbeat: Callable[[], Heartbeat]
    clock: Callable[[], float]
    now: Callable[[], datetime]
    folder: Path
    tick_s: float = 0.2
    core_share: Callable[[], CoreShare] | None = None
    installed_kernels: Callable[[], Sequence[Kernel]] | None = None
    queued_share: Callable[[], QueuedShare] | None = None
    recorder: Callable[[RunRequest, Callable[[str], object]], Recorder] | None = None
    history: Callable[[], HistoryService] | None = None
    watch: Callable[[WatchTarget], WatchSession] | None = None
    return_memory: Callable[[], object] | None = None
