"""Carry out one run: from a request to printed results and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pi_tui.analysis.results import Interpreter, Machine, Result
from pi_tui.cli.output import Output
from pi_tui.cli.progress import ProgressLine, describe_case, notice_slow_pythons
from pi_tui.cli.run_interrupt import RunInterrupt
from pi_tui.cli.stdio import StandardOutputError
from pi_tui.cli.terminal_text import print_message, summarize_failure
from pi_tui.engine.errors import INTERRUPTED_EXIT_CODE, LogError, PiTuiError, UsageError
from pi_tui.engine.laboratory import Laboratory
from pi_tui.engine.paths import Paths
from pi_tui.engine.run.events import CaseFinished, Event, HostDisturbed, RunFinished, RunStarted
from pi_tui.engine.run.request import RunRequest
from pi_tui.engine.user_kernels.user_kernels import check_syntax
from pi_tui.observe.meters.machine import read_machine
from pi_tui.storage.export.lanes_file import LanesFile
from pi_tui.storage.run_record import RunRecord

if TYPE_CHECKING:
    from pi_tui.storage.history.recorder import Recorder


def execute_run(
    request: RunRequest,
    output: Output,
    lanes: Path | None = None,
    *,
    history: bool = True,
    remarks: Sequence[str] = (),
    lanes_hz: int | None = None,
) -> int:
    """Carry out a request and write its results.

    Args:
        request: what to measure.
        output: the destination of the results.
        lanes: a file for the lanes; None for no file.
        history: whether to record the run in the history, trial by trial.
        remarks: messages to print once the request is known to be valid.
        lanes_hz: how often to sample the lanes, per second; None lets the program choose.

    Returns:
        0 all well, 1 a case failed or was unavailable, 130 interrupted.

    Raises:
        UsageError: the request is invalid; nothing was started.
        LogError: the results or the lanes could not be written.
    """
    lanes_file = None if lanes is None else _make_lanes_file(lanes, output)
    machine, paths = read_machine(), Paths.from_environment(os.environ)
    laboratory = Laboratory(machine, paths, lanes_shown=lanes is not None, lanes_hz=lanes_hz)
    progress = ProgressLine(sys.stderr)
    recorder = _make_recorder(request, progress) if history else None
    report = Report(machine, output, progress, lanes_file, recorder)
    try:
        with notice_slow_pythons():
            plan = laboratory.plan(request)
        if not any(request.pythons):  # else a newer Python may parse what this one cannot
            for kernel in plan.kernels.values():
                check_syntax(kernel, Path.cwd())
        for remark in (*remarks, paths.describe_cache_obstacle()):
            if remark is not None:
                print_message(remark)
        with RunInterrupt(laboratory.stop) as interrupt:
            try:
                for event in laboratory.run(plan):
                    report.handle(event)
                    if interrupt.requested or output.reader_gone:
                        laboratory.stop()  # again: the first call may have come before the run started
            except PiTuiError as error:
                report.fail(error)
            except KeyboardInterrupt:
                report.stopped = True
            report.stopped |= interrupt.requested
            interrupt.begin_output()
            report.finish()
    finally:
        laboratory.close()
    return report.exit_code


def _make_recorder(request: RunRequest, progress: ProgressLine) -> Recorder:
    from pi_tui.storage.history.database import history_path
    from pi_tui.storage.history.recorder import Recorder

    def warn(sentence: str) -> None:
        progress.clear()
        print_message(sentence)

    return Recorder(history_path(os.environ), request, warn)


def _make_lanes_file(path: Path, output: Output) -> LanesFile:
    if output.path is not None and os.path.realpath(path) == os.path.realpath(output.path):
        raise UsageError(f"--lanes and --output are the same file: {path}")
    return LanesFile(path)


class Report:
    """The state of a run, collected from its events, which it also passes on.

    Args:
        machine: the machine in the results of a run that failed before its `RunStarted`.
        output: the destination of the results.
        progress: the progress line.
        lanes: collects the lanes; None for no lanes.
        recorder: writes the run into the history; None for no record.
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
        """The exit code: 0 all well, 1 something failed, 130 interrupted."""
        if self.stopped:
            return INTERRUPTED_EXIT_CODE
        return int(self._failed or any(result.status != "ok" for result in self._results))

    def handle(self, event: Event) -> None:
        """Record one event in the history first, then pass it to the progress line, the lanes and the output."""
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
                print_message(
                    f"{describe_case(event.result.case)}: {summarize_failure(event.result.status, event.result.error)}"
                )
            self._output.add_result(event.result)
        elif isinstance(event, HostDisturbed):
            self._progress.clear()
            print_message(event.sentence)
        elif isinstance(event, RunFinished):
            self._results[:] = event.results
            self.stopped = event.stopped

    def fail(self, error: PiTuiError) -> None:
        """Report an error that ended the run; its finished cases are kept."""
        reason = f"{error}{self._history_hint()}" if isinstance(error, StandardOutputError) else str(error)
        self._failed = True
        self._reason = str(error)
        self._progress.clear()
        print_message(reason)

    def finish(self) -> None:
        """Write the results, then the lanes.

        Raises:
            LogError: the results or the lanes could not be written.
        """
        if self._recorder is not None:
            self._recorder.close(self._reason)
        self._progress.clear()
        if self.stopped:
            print_message(f"the run was stopped{self._history_hint()}")
        try:
            self._output.write(RunRecord(self._machine, self._interpreters, tuple(self._results)))
        except StandardOutputError as error:
            raise LogError(f"{error}{self._history_hint()}") from error
        finally:
            self._finish_lanes()

    def _history_hint(self) -> str:
        """Return where to find the results in the history, for a run that was stopped or could not be printed."""
        run_id = None if self._recorder is None else self._recorder.run_id
        if run_id is None or not any(result.trials for result in self._results):
            return ""
        return f"; its measurements are in the history: pi-tui log show {run_id}"

    def _finish_lanes(self) -> None:
        if self._lanes is None:
            return
        self._lanes.write()
        if not self._lanes.trials and any(result.trials for result in self._results):
            print_message(f"lanes cannot be observed on this system: {self._lanes.path} contains none")
