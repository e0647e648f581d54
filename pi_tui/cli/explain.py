"""The explanation of results as text: per result the losses as a bar and a table, the workers' ledgers, the verdicts."""

from __future__ import annotations

from collections.abc import Sequence

from pi_tui.analysis.loss_terms import TERM_GLYPHS, TERM_NAMES, Term, TermName, describe_term, list_terms, stack_terms
from pi_tui.analysis.losses import find_median_trial, has_known_ledger, ledger_wall_s
from pi_tui.analysis.results import Losses, Result, Trial
from pi_tui.analysis.scaling.conclusions import draw_conclusions
from pi_tui.analysis.summary import select_counted_trials
from pi_tui.analysis.text.formatting import describe_cores, human_count, interval_text, share_text, speedup_text
from pi_tui.analysis.text.prose import format_seconds
from pi_tui.charts.tick_labels import label_workers_bar
from pi_tui.cli.terminal_text import wrap_text
from pi_tui.host.protocol import WorkerLedger

UNKNOWN = "?"

_NEGLIGIBLE = 0.005
"""A smaller value is printed as 0.00, so its parts are left out."""

_INDENT = "  "
_SPEEDUP_DIFFERENCE = 0.05
"""From this difference on, the speed-up in wall time is printed beside the one in CPU time."""

MORE_WORKERS_HINT = "For example: --workers 1-4."
"""How to measure the numbers of workers that a law is fitted to."""

_SHORT: dict[TermName, str] = {"gil_wait": "GIL", "lock_wait": "lock", "io_wait": "I/O", "between": "between"}
"""Names that are shorter in this table than elsewhere."""

_HEADINGS = ("worker", "running", "waiting", "= GIL", "+ lock", "+ I/O", "queued", "startup", "between", "idle")
_WAITING_COLUMN, _PART_COLUMNS = 1, (2, 3, 4)
"""The indices of a worker's waiting and of its three parts among its shares."""
_GAPS = ("", "  ", "  ", " ", " ", " ", "  ", "  ", "  ", "  ")
_MAX_ROWS = 16


def has_explanation(result: Result) -> bool:
    """Return whether a result has measured trials and a baseline to compare them with."""
    return not result.baseline and bool(result.measured_trials)


def explain_results(results: Sequence[tuple[str, Result]], width: int) -> str:
    """Explain the losses of each result in at most `width` columns; `results` are pairs of a heading and a result."""
    explained = [(heading, result) for heading, result in results if has_explanation(result)]
    if not explained:
        return "There is nothing to explain: no result has a baseline.\n"
    lines = ["Where did the speed-up go?"]
    for heading, result in explained:
        lines += ["", heading, "", *_explain_result(result, width)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _explain_result(result: Result, width: int) -> list[str]:
    trial = find_median_trial(select_counted_trials(result))
    if result.losses is None or trial is None:
        unseen = trial is not None and not has_known_ledger(trial)
        why = "the kernel itself starts threads" if unseen else "its baseline has no figures"
        lines = wrap_text(f"The losses are unknown: {why}.", width, _INDENT)
    else:
        lines = [
            *draw_loss_bar(result.losses, width),
            "",
            *_format_terms(result.losses, result.speedup, width),
            "",
            *_format_workers(trial, result.losses.worker, width),
        ]
    for paragraph in [_describe_speedup(result), *(advice.sentence for advice in result.advice)]:
        lines += ["", *wrap_text(paragraph, width, _INDENT)]
    return lines


def _describe_speedup(result: Result) -> str:
    """Return the speed-up with its interval, the serial fraction, and how the samples were divided among tasks."""
    case, parts = result.case, []
    if result.speedup is not None:
        interval = result.speedup_interval
        sure = "" if interval is None else f", {interval_text(interval)} with {interval.level:.0%} confidence"
        parts.append(f"Speed-up {speedup_text(result.speedup)}{sure}.")
    if result.serial_fraction is not None and result.serial_fraction <= 1:  # above, it has no meaning
        parts.append(f"Serial fraction (Karp-Flatt) {result.serial_fraction:.3f}.")
    if result.cores is not None:
        parts.append(f"Cores' worth of CPU time: {describe_cores(result.cores)}.")
    samples = human_count(case.samples, " ")
    sharing = "The task has" if case.tasks == 1 else f"All {case.tasks} tasks share"
    parts.append(f"{sharing} {samples} samples." if case.split else f"Each task has {samples} samples.")
    return " ".join(parts)


def explain_scaling(results: Sequence[Result], usable_cores: int, width: int) -> list[str]:
    """Return the conclusions about scaling of the whole run; none if the number of workers was not varied."""
    found = draw_conclusions(results, usable_cores, MORE_WORKERS_HINT)
    lines = ["", "How does it scale?"] if found else []
    for paragraph in found:
        lines += ["", *wrap_text(paragraph, width, _INDENT)]
    return lines


def draw_loss_bar(losses: Losses, width: int) -> list[str]:
    """Draw the terms as one bar whose length is the number of workers, and its scale below it.

    Every term has its own glyph. A negative term takes no space; the sum of the others then exceeds the number of workers.
    """
    shown = stack_terms(losses)
    length = max(float(losses.workers), sum(max(0.0, term.value or 0.0) for term in shown))
    room = max(10, width - 2 * len(_INDENT) - len(f"{losses.workers} workers"))
    cells = room / length
    if cells > 1:
        cells = int(cells)
    return [_INDENT * 2 + _join_glyphs(shown, cells), _INDENT * 2 + label_workers_bar(losses.workers, cells, width)]


def _join_glyphs(shown: Sequence[Term], cells: float) -> str:
    bar = ""
    end = 0.0
    for term in shown:
        end += max(0.0, term.value or 0.0)
        bar += TERM_GLYPHS[term.name] * (round(end * cells) - len(bar))
    return bar


def _format_terms(losses: Losses, wall_speedup: float | None, width: int) -> list[str]:
    """List workers = speed-up + losses, one line per term.

    The parts of waiting have a column of their own, as their sum counts already. A line that would exceed the width omits
    the meaning of its term.
    """
    drawn = {term.name for term in stack_terms(losses)}
    no_parts = losses.gil_wait is None and abs(losses.waiting) < _NEGLIGIBLE
    lines = []
    for term in list_terms(losses):
        if term.part and no_parts:
            continue
        name, meaning = (
            _SHORT.get(term.name, TERM_NAMES[term.name]),
            describe_term(term.name, divided=losses.gil_wait is not None),
        )
        if (
            term.name == "speedup"
            and wall_speedup is not None
            and abs(wall_speedup - losses.speedup) >= _SPEEDUP_DIFFERENCE
        ):
            meaning += f", in CPU time ({speedup_text(wall_speedup)} by the clock)"
        if term.name == "waiting" and losses.queued is None:
            meaning += ", or queued"
        glyph = TERM_GLYPHS[term.name] if term.name in drawn else ""
        value, part = ("", _format_number(term.value)) if term.part else (_format_number(term.value), "")
        line = _format_term(glyph, f"  {name}" if term.part else name, value, part, meaning)
        lines.append(line if len(line) <= width else line.removesuffix(meaning))
    return [*lines, _format_term("=", "workers", _format_number(float(losses.workers)), "", "")]


def _format_term(glyph: str, name: str, value: str, part: str, meaning: str) -> str:
    return f"{_INDENT}{glyph:1}  {name:<9}  {value:>6}  {part:>6}  {meaning}"


def _format_number(value: float | None) -> str:
    """Format with two decimals, never as "-0.00"."""
    return UNKNOWN if value is None else f"{round(value, 2) + 0.0:.2f}"


def _format_workers(trial: Trial, last: int, width: int) -> list[str]:
    """List each worker's time as shares of its wall; of many workers the first, the last, the slowest, and the mean."""
    many = len(trial.workers) > _MAX_ROWS
    rows: list[tuple[str, ...]] = [_HEADINGS]
    before = -1
    for place, worker in enumerate(trial.workers):
        at_an_end = min(place, len(trial.workers) - 1 - place) < _MAX_ROWS // 2
        if many and not at_an_end and worker.index != last:
            continue
        if place > before + 1:
            rows.append(("...", *[""] * (len(_HEADINGS) - 1)))
        before = place
        mark = "*" if worker.index == last else ""
        rows.append((f"{mark}{worker.index}", *_format_shares(_list_shares(worker))))
    if many:
        columns = zip(*map(_list_shares, trial.workers), strict=True)
        rows.append(("mean", *_format_shares([_average_shares(column) for column in columns])))
    sizes = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    lines = [
        _INDENT + "".join(f"{gap}{cell:>{size}}" for gap, cell, size in zip(_GAPS, row, sizes, strict=True))
        for row in rows
    ]
    return [*lines, *wrap_text(_describe_shares(trial, unknown=any(UNKNOWN in row for row in rows)), width, _INDENT)]


def _list_shares(worker: WorkerLedger) -> tuple[float | None, ...]:
    """Return a worker's parts in the order of the headings, as shares of its wall; None for an unknown part."""
    wall_s = ledger_wall_s(worker)
    parts = (
        worker.running_s,
        worker.waiting_s,
        worker.gil_wait_s,
        worker.lock_wait_s,
        worker.io_wait_s,
        worker.queued_s,
        worker.startup_s,
        worker.between_s,
        worker.idle_s,
    )
    return tuple(None if part is None or wall_s <= 0 else max(0.0, part / wall_s) for part in parts)


def _average_shares(shares: Sequence[float | None]) -> float | None:
    known = [share for share in shares if share is not None]
    return sum(known) / len(known) if len(known) == len(shares) else None


def _format_shares(shares: Sequence[float | None]) -> list[str]:
    """Format shares; if a worker did not wait, unknown parts of its waiting are left blank."""
    cells = [UNKNOWN if share is None else share_text(share) for share in shares]
    waiting = shares[_WAITING_COLUMN]
    if waiting is not None and waiting < _NEGLIGIBLE:
        cells = ["" if cell == UNKNOWN and place in _PART_COLUMNS else cell for place, cell in enumerate(cells)]
    return cells


def _describe_shares(trial: Trial, *, unknown: bool) -> str:
    wall = format_seconds(trial.wall_s)
    sentence = f"Shares of the median trial ({wall}). * finished last; the losses are those of this worker."
    return f"{sentence} {UNKNOWN} is unknown: it was not observed." if unknown else sentence
