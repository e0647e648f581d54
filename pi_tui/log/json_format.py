"""JSON: the whole run as one object, indented, a trial a line; JSON lines: one result a line.

A run may have a hundred thousand trials: each is made into text on its own, without spaces, which is what `json` does fast.
"""

from __future__ import annotations

import json
from dataclasses import asdict

import pi_tui
from pi_tui.analysis.results import Result, Trial
from pi_tui.log.fields import VERSION, Fields, figure_fields, interpreter_fields, known, trial_fields
from pi_tui.log.record import RunRecord


def to_json(run: RunRecord) -> str:
    """The run as one JSON object, indented, with a newline at its end."""
    head = {
        "version": VERSION,
        "pi_tui": pi_tui.__version__,
        "machine": known(asdict(run.machine)),
        "interpreters": {each.id: interpreter_fields(each) for each in run.interpreters},
    }
    results = [_indented_result(result) for result in run.results]
    return _with_list(_indented(head), "results", results, margin="") + "\n"


def to_json_lines(run: RunRecord) -> str:
    """The run's results as lines."""
    return "".join(json_line(result) for result in run.results)


def json_line(result: Result) -> str:
    """One result as one line, with its newline and the format's version."""
    figures = _compact({"version": VERSION, **figure_fields(result)})
    trials = ",".join(_trial(trial) for trial in result.trials)
    return f'{figures[:-1]},"trials":[{trials}]}}\n'


def _indented_result(result: Result) -> str:
    margin = "    "
    figures = margin + _indented(figure_fields(result)).replace("\n", f"\n{margin}")
    return _with_list(figures, "trials", [f"{margin * 2}{_trial(trial)}" for trial in result.trials], margin=margin)


def _with_list(text: str, name: str, items: list[str], *, margin: str) -> str:
    """An indented object that is not empty, given a list of indented items as its last field."""
    inside = ",\n".join(items)
    listed = f"[\n{inside}\n{margin}  ]" if items else "[]"
    return f'{text[: -len(margin) - 2]},\n{margin}  "{name}": {listed}\n{margin}}}'


def _trial(trial: Trial) -> str:
    fields = trial_fields(trial)
    try:
        return _compact(fields)
    except ValueError:  # a number that is not finite
        return _compact(known(fields))


def _indented(fields: Fields) -> str:
    return json.dumps(fields, indent=2, ensure_ascii=False, allow_nan=False)


def _compact(fields: Fields) -> str:
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
