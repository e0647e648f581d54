"""The destination of results: standard output or a file, in one format."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal, get_args

from pi_tui.analysis.results import Result
from pi_tui.analysis.text.strip_escapes import strip_escapes
from pi_tui.cli import terminal_text
from pi_tui.cli.plot import ChartOutput, print_charts_to_stderr
from pi_tui.cli.shared_options import check_all_fields
from pi_tui.cli.stdio import print_bytes
from pi_tui.engine.errors import LogError, UsageError
from pi_tui.storage.export.files import check_writable, write_file
from pi_tui.storage.export.formats import encode_text, export_run, get_format
from pi_tui.storage.export.json_format import json_line
from pi_tui.storage.run_record import RunRecord

Format = Literal["table", "csv", "json", "jsonl", "md", "html", "pyperf"]
FORMATS: tuple[Format, ...] = get_args(Format)

_FILE_WIDTH = 100


class Output:
    """The destination of the results, checked to be writable.

    Args:
        format: None chooses by the file's suffix, or by whether standard output is a terminal.
        path: a file, which is replaced when the run is over; None is standard output.
        explain: add the explanation of the losses to the formats that people read (table and md).
        all_fields: write all columns in the format md.
        charts: charts to draw: below a table, on standard error with any other format, and as pictures.

    Raises:
        UsageError: the file cannot be written, no format has its suffix, or the format does not have the option
            `all_fields`.
    """

    def __init__(
        self,
        format: Format | None,
        path: Path | None,
        *,
        explain: bool = False,
        all_fields: bool = False,
        charts: ChartOutput | None = None,
    ) -> None:
        self.path = path
        self.reader_gone = False
        self._explain = explain
        self._all_fields = all_fields
        self._charts = charts or ChartOutput(())
        self.format: Format = format or _choose_format(path)
        check_all_fields(all_fields, self.format)
        if path is not None:
            try:
                check_writable(path, overwrite=True)
            except LogError as error:
                raise UsageError(str(error)) from error

    def add_result(self, result: Result) -> None:
        """Add the result of a finished case; JSON lines are printed at once.

        Raises:
            StandardOutputError: standard output cannot be written.
        """
        if self.format == "jsonl" and self.path is None:
            self._print(encode_text(json_line(result)))

    def write(self, run: RunRecord) -> None:
        """Write the finished run, except for lines already printed, then the charts.

        Raises:
            LogError: the file could not be written, and the results are on standard output instead; or a picture could not
                be written.
            StandardOutputError: standard output cannot be written.
        """
        try:
            self._write_results(run)
        finally:
            if self._charts.in_text and self.format != "table":
                print_charts_to_stderr(self._charts, run)
            self._charts.save(run)

    def _write_results(self, run: RunRecord) -> None:
        if self.path is None:
            if self.format != "jsonl":
                self._print(self._render(run))
            return
        data = self._render(run)
        try:
            write_file(data, self.path, overwrite=True)
        except LogError as error:
            self._print(data)
            raise LogError(f"{error}; the results are on standard output") from error

    def _render(self, run: RunRecord) -> bytes:
        from pi_tui.cli import table

        if self.format != "table":
            exported = export_run(run, self.format, all_fields=self._all_fields)
            if self.format == "md" and self._explain:
                exported += encode_text(f"\n```text\n{table.format_explanation(run, _FILE_WIDTH)}```\n")
            return exported
        if self.path is not None:
            text = strip_escapes(table.format_table(run, _FILE_WIDTH, explain=self._explain))
            return encode_text(text + self._draw_charts(run, _FILE_WIDTH))
        columns = terminal_text.get_terminal_width()
        text = strip_escapes(table.format_table(run, columns, explain=self._explain))
        printed = text + self._draw_charts(run, columns)
        return terminal_text.make_encodable(printed, sys.stdout.encoding).encode(sys.stdout.encoding or "ascii")

    def _draw_charts(self, run: RunRecord, columns: int) -> str:
        """Return the charts that go below the table; "" if there are none."""
        return (
            self._charts.render_text(run, columns, sys.stdout if self.path is None else None)
            if self._charts.in_text
            else ""
        )

    def _print(self, data: bytes) -> None:
        """Print bytes; set `reader_gone` if the reader of standard output is gone."""
        self.reader_gone = self.reader_gone or not print_bytes(data, is_clean=self.format == "table")


def _choose_format(path: Path | None) -> Format:
    if path is not None and path == Path():
        raise UsageError("--output needs a file name")
    if path is None:
        return "table" if sys.stdout.isatty() else "json"
    if path.suffix.lower() == ".txt":
        return "table"
    try:
        return get_format(path)
    except UsageError as error:
        raise UsageError(f"{error}; or use --format") from error
