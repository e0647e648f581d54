"""The lanes of a whole run as a file: what each worker did or waited for, at each tick of each trial.

The format is described in `observe.meters.lane_record`, which makes its lines.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

from pi_tui.engine.errors import LogError, UsageError
from pi_tui.engine.run.events import Event, LanesMoved
from pi_tui.observe.meters.lane_record import LaneRecord, format_header, format_trial
from pi_tui.storage.export.files import check_writable, write_file


class LanesFile:
    """Collects the lanes of a run and writes them at its end, all or nothing.

    Lanes are encoded only after their trial has ended, so as not to disturb the measurement.

    Args:
        path: the file, which is replaced.

    Raises:
        UsageError: the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.trials = 0
        self._lines: list[str] = [format_header()]
        self._open: tuple[LanesMoved, LaneRecord] | None = None
        try:
            check_writable(path, overwrite=True)
        except LogError as error:
            raise UsageError(str(error)) from error

    def add(self, event: Event) -> None:
        """Collect the lanes of an event; any other event ends the current trial."""
        if not isinstance(event, LanesMoved):
            self._close()
            return
        if self._open is not None and _trial_key(self._open[0]) != _trial_key(event):
            self._close()
        if self._open is None:
            self.trials += 1
            self._open = event, LaneRecord(replace(event.lanes, trial=self.trials))
        else:
            self._open[1].add(replace(event.lanes, trial=self.trials))

    def write(self) -> None:
        """Write the file.

        Raises:
            LogError: the file cannot be written after all.
        """
        self._close()
        write_file("".join(self._lines).encode(), self.path, overwrite=True)

    def _close(self) -> None:
        if self._open is None:
            return
        event, record = self._open
        self._open = None
        labels = {**asdict(event.case), "kind": event.kind, "number": event.number, "ended": record.latest.ended}
        self._lines += format_trial(record, labels)


def _trial_key(event: LanesMoved) -> tuple[object, ...]:
    """Identify the trial of an event within the run; the numbers of trials start anew in each host."""
    return event.case, event.kind, event.number
