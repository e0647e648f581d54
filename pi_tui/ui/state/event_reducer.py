"""Apply the events of a run to the session, and find events that a later one makes superfluous."""

from __future__ import annotations

from pi_tui.engine.run.events import (
    CaseFinished,
    Event,
    HostDisturbed,
    HostReady,
    KernelPrepared,
    LanesMoved,
    RunFinished,
    RunStarted,
    TrialFinished,
    TrialStarted,
)
from pi_tui.ui.state.session import Session


def apply_event(session: Session, event: Event) -> None:
    """Change the session by one event of its present run."""
    match event:
        case RunStarted():
            session.record_environment(event.machine, event.interpreters)
            if session.origin is None:
                session.machine = event.machine
                session.interpreters.update({each.id: each for each in event.interpreters})
        case HostReady():
            session.activity = "importing and compiling the kernels"
        case HostDisturbed():
            session.activity = event.sentence
        case KernelPrepared():
            layer = f" (threading layer {event.threading_layer})" if event.threading_layer else ""
            session.activity = f"{event.kernel} is ready{layer}"
        case TrialStarted():
            session.progress, session.activity = event.progress, ""
            session.activate(event.case)
        case LanesMoved():
            session.lanes.add_event(event, session.runs)
        case TrialFinished() | CaseFinished():
            session.progress = event.progress
            session.put_result(event.result)
        case RunFinished():
            session.end()


def is_superseded(earlier: Event, later: Event) -> bool:
    """Return whether `later` shows everything that `earlier` would, so that `earlier` can be dropped."""
    match earlier, later:
        case TrialStarted() | TrialFinished(), TrialFinished():
            return earlier.case == later.case
        case TrialStarted(), TrialStarted():
            return earlier.case == later.case
        case TrialFinished(), CaseFinished():
            return earlier.case == later.result.case
    return False
