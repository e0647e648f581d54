"""JSON: the whole run as one indented object, with one line per trial. JSON lines: one result per line.

A run may have 100 000 trials. Each is encoded on its own without spaces, which `json` does fast, and files are written piece
by piece, so that a long run's text is never in memory as a whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict

import pi_tui
from pi_tui.analysis.results import Result, Trial
from pi_tui.storage.export.result_fields import (
    FORMAT_VERSION,
    Fields,
    get_figure_fields,
    get_interpreter_fields,
    get_trial_fields,
    replace_non_finite,
)
from pi_tui.storage.run_record import RunRecord


def to_json(run: RunRecord) -> str:
    """Format the run as one indented JSON object that ends with a newline."""
    return "".join(json_in_pieces(run))


def json_in_pieces(run: RunRecord) -> Iterator[str]:
    """Yield the text of `to_json` in pieces of at most one trial."""
    head = {
        "version": FORMAT_VERSION,
        "pi_tui": pi_tui.__version__,
        "machine": replace_non_finite(asdict(run.machine)),
        "interpreters": {each.id: get_interpreter_fields(each) for each in run.interpreters},
    }
    yield from _with_list(_indented(head), "results", map(_indented_result, run.results), margin="")
    yield "\n"


def to_json_lines(run: RunRecord) -> str:
    """Format the run's results as JSON lines."""
    return "".join(json_lines_in_pieces(run))


def json_lines_in_pieces(run: RunRecord) -> Iterator[str]:
    """Yield the text of `to_json_lines` line by line."""
    return map(json_line, run.results)


def json_line(result: Result) -> str:
    """Format one result as one line, with the format's version and a newline."""
    figures = _compact({"version": FORMAT_VERSION, **get_figure_fields(result)})
    trials = ",".join(_trial(trial) for trial in result.trials)
    return f'{figures[:-1]},"trials":[{trials}]}}\n'


def _indented_result(result: Result) -> Iterator[str]:
    margin = "    "
    figures = margin + _indented(get_figure_fields(result)).replace("\n", f"\n{margin}")
    items = ((margin * 2, _trial(trial)) for trial in result.trials)
    return _with_list(figures, "trials", items, margin=margin)


def _with_list(text: str, name: str, items: Iterable[Iterable[str]], *, margin: str) -> Iterator[str]:
    """Yield a non-empty indented object with a list of indented items added as its last field."""
    yield f'{text[: -len(margin) - 2]},\n{margin}  "{name}": ['
    separator, end = "\n", ""
    for item in items:
        yield separator
        yield from item
        separator, end = ",\n", f"\n{margin}  "
    yield f"{end}]\n{margin}}}"


def _trial(trial: Trial) -> str:
    fields = get_trial_fields(trial)
    try:
        return _compact(fields)
    except ValueError:  # a number is not finite
        return _compact(replace_non_finite(fields))


def _indented(fields: Fields) -> str:
    return json.dumps(fields, indent=2, ensure_ascii=False, allow_nan=False)


def _compact(fields: Fields) -> str:
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
