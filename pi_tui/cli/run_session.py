"""One run from a request to its exit code: events in, progress and results out."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pi_tui.analysis.results import Interpreter, Machine, Result
from pi_tui.cli.output import Output
from pi_tui.cli.progress import ProgressLine, title
from pi_tui.cli.run_interrupt import Interruption
from pi_tui.cli.slow_notice import asking_pythons
from pi_tui.cli.stdio import StandardOutputError
from pi_tui.cli.terminal_text import complain, what_happened
from pi_tui.engine.errors import INTERRUPTED_EXIT_CODE, LogError, PiTuiError, UsageError
from pi_tui.engine.laboratory import Laboratory
from pi_tui.engine.paths import Paths
from pi_tui.engine.run.events import CaseFinished, Event, RunFinished, RunStarted
from pi_tui.engine.run.request import RunRequest
from pi_tui.observe.meters.machine import read_machine
from pi_tui.storage.export.lanes_file import LanesFile
from pi_tui.storage.run_record import RunRecord

if TYPE_CHECKING:
    from pi_tui.storage.history.recorder import Recorder


def execute(
    request: RunRequest,
    output: Output,
    lanes: Path | None = None,
    *,
    history: bool = True,
    remarks: Sequence[str] = (),
    lanes_hz: int | None = None,
) -> int:
    """Run what was asked and write its results, and its lanes where they are wanted.

    `history` keeps the run with all its trials as they happen. `remarks` are told once it is sure that the run begins.
    `lanes_hz` is how often the lanes are looked at, where a person said so.

    Returns:
        0 all well, 1 a case failed or was unavailable, 130 interrupted.

    Raises:
        UsageError: the request is meaningless; nothing was started.
        LogError: the results or the lanes could not be written where they were wanted.
    """
    lanes_file = None if lanes is None else _lanes_file(lanes, output)
    machine, paths = read_machine(), Paths.from_environment(os.environ)
    laboratory = Laboratory(machine, paths, lanes_shown=lanes is not None, lanes_hz=lanes_hz)
    progress = ProgressLine(sys.stderr)
    recorder = _recorder(request, progress) if history else None
    report = Report(machine, output, progress, lanes_file, recorder)
    try:
        with asking_pythons():
            plan = laboratory.plan(request)
        for remark in (*remarks, paths.describe_cache_obstacle()):
            if remark is not None:
                complain(remark)
        with Interruption(laboratory.stop) as interruption:
            try:
                for event in laboratory.run(plan):
                    report.take(event)
                    if interruption.requested or output.broken:
                        laboratory.stop()  # again: the first may have come before the run did
            except PiTuiError as error:
                report.broke_off(error)
            except KeyboardInterrupt:
                report.stopped = True
            report.stopped |= interruption.requested
            interruption.telling()
            report.finish()
    finally:
        laboratory.close()
    return report.exit_code


def _recorder(request: RunRequest, progress: ProgressLine) -> Recorder:
    from pi_tui.storage.history.database import history_path
    from pi_tui.storage.history.recorder import Recorder

    def tell(sentence: str) -> None:
        progress.clear()
        complain(sentence)

    return Recorder(history_path(os.environ), request, tell)


def _lanes_file(path: Path, output: Output) -> LanesFile:
    if output.path is not None and os.path.realpath(path) == os.path.realpath(output.path):
        raise UsageError(f"--lanes and --output are the same file: {path}")
    return LanesFile(path)


class Report:
    """What the events of a run have told so far, passed on as it comes.

    Args:
        machine: stands in the results where the run broke off before it told.
        output: where results go.
        progress: where progress goes.
        lanes: keeps the lanes; None where nobody wants them.
        recorder: writes the run into the history; None where nobody wants that.
    """

    def __init__(
        self,
        machine: Machine,
        output: Output,
        progress: ProgressLine,
        lanes: LanesFile | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        self.stopped = False
        self._machine = machine
        self._interpreters: tuple[Interpreter, ...] = ()
        self._results: list[Result] = []
        self._output = output
        self._progress = progress
        self._lanes = lanes
        self._recorder = recorder
        self._reason = ""
        self._failed = False

    @property
    def exit_code(self) -> int:
        """0 all well, 1 something failed, 130 interrupted."""
        if self.stopped:
            return INTERRUPTED_EXIT_CODE
        return int(self._failed or any(result.status != "ok" for result in self._results))

    def take(self, event: Event) -> None:
        """Pass one event on; what shows something is in the history by then."""
        if self._recorder is not None:
            self._recorder.record(event)
        self._progress.show(event)
        if self._lanes is not None:
            self._lanes.add(event)
        if isinstance(event, RunStarted):
            self._machine, self._interpreters = event.machine, event.interpreters
        elif isinstance(event, CaseFinished):
            self._results.append(event.result)
            if event.result.error is not None:
                self._progress.clear()
                complain(f"{title(event.result.case)}: {what_happened(event.result.status, event.result.error)}")
            self._output.case(event.result)
        elif isinstance(event, RunFinished):
            self._results[:] = event.results
            self.stopped = event.stopped

    def broke_off(self, error: PiTuiError) -> None:
        """The run could not go on; what is finished stays."""
        reason = f"{error}{self._kept()}" if isinstance(error, StandardOutputError) else str(error)
        self._failed = True
        self._reason = str(error)
        self._progress.clear()
        complain(reason)

    def finish(self) -> None:
        """Write the results, then the lanes.

        Raises:
            LogError: they could not be written where they were wanted.
        """
        if self._recorder is not None:
            self._recorder.close(self._reason)
        self._progress.clear()
        if self.stopped:
            complain(f"the run was stopped{self._kept()}")
        try:
            self._output.finish(RunRecord(self._machine, self._interpreters, tuple(self._results)))
        except StandardOutputError as error:
            raise LogError(f"{error}{self._kept()}") from error
        finally:
            self._finish_lanes()

    def _kept(self) -> str:
        """Where results are that could not be printed, or not all of which there are."""
        run_id = None if self._recorder is None else self._recorder.run_id
        if run_id is None or not any(result.trials for result in self._results):
            return ""
        return f"; what was measured is in the history: pi-tui log show {run_id}"

    def _finish_lanes(self) -> None:
        if self._lanes is None:
            return
        self._lanes.write()
        if not self._lanes.trials and any(result.trials for result in self._results):
            complain(f"no lanes were seen on this system: {self._lanes.path} holds none")
