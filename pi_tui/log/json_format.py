"""JSON: the whole run as one object; JSON lines: one result a line."""

from __future__ import annotations

import json
from dataclasses import asdict

import pi_tui
from pi_tui.analysis.results import Result
from pi_tui.log.fields import VERSION, interpreter_fields, known, result_fields
from pi_tui.log.record import RunRecord


def to_json(run: RunRecord) -> str:
    """The run as one JSON object, indented, with a newline at its end."""
    document = {
        "version": VERSION,
        "pi_tui": pi_tui.__version__,
        "machine": known(asdict(run.machine)),
        "interpreters": {each.id: interpreter_fields(each) for each in run.interpreters},
        "results": [result_fields(result) for result in run.results],
    }
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def to_json_lines(run: RunRecord) -> str:
    """The run's results as lines."""
    return "".join(json_line(result) for result in run.results)


def json_line(result: Result) -> str:
    """One result as one line, with its newline and the format's version."""
    fields = {"version": VERSION, **result_fields(result)}
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False, allow_nan=False) + "\n"
