"""The ports of the screen: narrow protocols for what it needs from other rooms. `adapters` has the real ones."""

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
        """Return the plan of a request; raise a UsageError for an invalid one."""

    def run(self, plan: Plan) -> Iterator[Event]:
        """Run a plan and yield its events; block between them."""

    def stop(self) -> None:
        """End the present run; may be called from any thread."""

    def warm(self, request: RunRequest) -> None:
        """Prepare the host processes that a request needs."""

    def pythons(self) -> Survey:
        """Find all interpreters of this machine; the first call takes a moment. May be called from any thread."""

    def close(self) -> None:
        """End all host processes."""


class CoreReading(Protocol):
    """How busy each core was."""

    @property
    def busy(self) -> tuple[float | None, ...]:
        """One share of 1 per core; None where it is unknown."""


class CoreMeter(Protocol):
    """Reads the cores; `observe.meters.cores.CoreMeter` is one."""

    def read(self) -> CoreReading:
        """Read the cores now."""


class BeatReading(Protocol):
    """How late the app's heartbeats of the last seconds were."""

    @property
    def p99_s(self) -> float | None:
        """The 99th percentile of the latenesses; None before the first beat."""


class Heartbeat(Protocol):
    """Records how late the app's heartbeats are; `observe.meters.heartbeat.Heartbeat` is one."""

    def beat(self) -> float | None:
        """Record a beat; return how late it is in seconds, or None for the first."""

    def read(self) -> BeatReading:
        """Return the latenesses of the last seconds."""

    def restart(self) -> None:
        """Forget all beats."""


class CoreUse(Protocol):
    """What each core was used for, as shares of it from 0 to 1; `observe.meters.core_share.CoreUse` is one."""

    @property
    def workers(self) -> Sequence[float]:
        """The workers' part of each core."""

    @property
    def function(self) -> Sequence[float]:
        """The part of each core that threads and children of the function used."""

    @property
    def pi_tui(self) -> Sequence[float]:
        """The part of each core that pi-tui used."""


class CoreShare(Protocol):
    """Measures what each core is used for; `observe.meters.core_share.CoreShare` is one."""

    def read(self, threads: Sequence[tuple[int, int]]) -> CoreUse | None:
        """Return the use of each core by these workers (process and thread id) and others; None where it is unknown."""

    def restart(self) -> None:
        """Forget the threads, as others follow."""


class QueuedShare(Protocol):
    """Measures the share of its time that a thread was queued; `observe.meters.queued_share.QueuedShare` is one."""

    def read(self, threads: Sequence[tuple[int, int]]) -> Mapping[tuple[int, int], float]:
        """Return the known shares of these threads (process and thread id)."""

    def restart(self) -> None:
        """Forget the threads, as others follow."""


class Recorder(Protocol):
    """Records one run in the history while it runs; `storage.history.recorder.Recorder` is one."""

    def record(self, event: Event) -> None:
        """Record an event before it is shown."""

    def close(self, reason: str = "") -> None:
        """End the record; `reason` says why the run broke off, and is empty where it did not."""


class HistoryService(Protocol):
    """The recorded runs; may be called from any thread. `storage.history.service.HistoryService` is one."""

    @property
    def to_local_time(self) -> Callable[[float], datetime]:
        """A function from seconds since the epoch to local time."""

    def list_runs(self) -> RunListing:
        """Return an entry for each run."""

    def get_entry(self, run_id: int) -> RunEntry:
        """Return the entry of a run."""

    def load_run(self, run_id: int) -> StoredRun:
        """Return a run with its results."""

    def list_trials(self, run_id: int) -> tuple[dict[int, Case], list[TrialEntry]]:
        """Return the cases of a run by number, and its trials."""

    def compare_runs(self, before: int, after: int) -> Comparison:
        """Compare two runs."""

    def replay_events(self, run_id: int) -> Iterator[TimedEvent]:
        """Yield the events of a run with their times."""

    def set_note(self, run_id: int, text: str) -> None:
        """Set the note of a run."""

    def set_reference(self, run_id: int | None) -> None:
        """Make a run the reference; None leaves no reference."""

    def delete(self, run_id: int) -> None:
        """Delete a run; `undelete` brings it back."""

    def undelete(self) -> int | None:
        """Bring back the run that was deleted last and return its number; None where there is none."""


@dataclass(frozen=True)
class Ports:
    """Everything that the app is given instead of making it.

    Attributes:
        interpreter: returns the app's interpreter.
        cores, heartbeat: make the meters, after the first frame.
        clock: seconds, never going back.
        now: the time of day, for names of files.
        folder: the default folder of exports and screenshots.
        tick_s: the period of the app's heartbeat, and the least time between updates of cores and progress.
        core_share: makes the meter of the cores' shares; None where the system has none.
        installed_kernels: returns the kernels of installed packages, which takes a moment; None where none are looked for.
        queued_share: makes the meter of queued time; None where the system has none.
        recorder: makes the recorder of a request's run; its second argument is called with an error that prevents recording.
            None where no history is kept.
        history: opens the history; None where none is kept.
        watch: starts to watch a program; None where the system cannot.
        return_memory: returns free memory to the system after each run; None where nothing does.
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
