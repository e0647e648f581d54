"""HTML: a run as one file for a report: results, where the speed-up went, charts, all trials, and the run as JSON.

The page works offline: it loads nothing and runs no script. All text, such as kernel names and errors, is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite

from pi_tui.analysis.loss_terms import TERM_NAMES, Term, describe_term, list_terms, stack_terms
from pi_tui.analysis.losses import find_median_trial, ledger_wall_s
from pi_tui.analysis.results import Losses, Result, Trial
from pi_tui.analysis.summary import select_counted_trials
from pi_tui.analysis.text.formatting import (
    duration,
    human_count,
    interval_text,
    share_text,
    speedup_text,
    waiting_share,
)
from pi_tui.charts.svg_elements import escape_text, make_element
from pi_tui.host.protocol import WorkerLedger
from pi_tui.storage.export.json_format import to_json
from pi_tui.storage.run_record import RunRecord

UNKNOWN = "–"
_MAX_TRIALS_PER_RESULT = 1000
"""More rows take a browser long to lay out."""


def to_html(run: RunRecord) -> str:
    """Format the run as one self-contained page."""
    from pi_tui.storage.export.chart_files import make_caption

    title = _title(run.results)
    body = [
        make_element("h1", escape_text(title)),
        make_element("p", escape_text(make_caption(run)), **{"class": "about"}),
        *_results_section(run.results),
        *_losses_section(run.results),
        *_charts_section(run),
        *_trials_section(run.results),
        *_interpreters_section(run),
    ]
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    head += make_element("title", escape_text(f"{title} · pi-tui")) + make_element("style", _STYLE)
    # a "</script>" within a string would end the element
    data = to_json(run).replace("<", "\\u003c")
    body.append(make_element("script", data, type="application/json", id="run"))
    page = make_element("html", f"{make_element('head', head)}\n{make_element('body', chr(10).join(body))}", lang="en")
    return f"<!DOCTYPE html>\n{page}\n"


def _title(results: Sequence[Result]) -> str:
    kernels = dict.fromkeys(result.case.kernel for result in results)
    modes = dict.fromkeys(result.case.mode for result in results)
    return f"{', '.join(kernels)}: {', '.join(modes)}" if results else "No results"


def format_heading(result: Result) -> str:
    """Describe a result in one line."""
    case = result.case
    setting = [part for part in (case.start_method, case.transport) if part]
    mode = f"{case.mode} ({', '.join(setting)})" if setting else case.mode
    size = f"{human_count(case.samples)} samples {'in total' if case.split else 'per task'}"
    count = (
        f"{case.workers} worker{'' if case.workers == 1 else 's'}, {case.tasks} task{'' if case.tasks == 1 else 's'}"
    )
    return f"{case.kernel} · {mode} · {count} · {size} · Python {case.python}{_gil(result)}"


def _gil(result: Result) -> str:
    return "" if result.gil_enabled is None else f", GIL {'on' if result.gil_enabled else 'off'}"


# ---- the results ----------------------------------------------------------------------------------------------------

_COLUMNS = ("kernel", "mode", "Python", "workers", "tasks", "samples", "wall", "± MAD", "speed-up", "95% interval",
            "waiting", "π̂", "|z|")  # fmt: skip
_WORD_COLUMNS = 3
"""The first columns hold words, the others numbers."""


def _results_section(results: Sequence[Result]) -> list[str]:
    rows = [_row(_COLUMNS, "th")]
    for result in results:
        rows.append(_row(_cells(result)))
        rows += [
            make_element("tr", make_element("td", sentence, colspan=str(len(_COLUMNS))), **{"class": "said"})
            for sentence in _sentences(result)
        ]
    strong = any(result.case.split for result in results)
    summary = "All tasks share the samples (strong scaling)." if strong else "Samples are per task (weak scaling)."
    return [make_element("h2", "Results"), make_element("p", summary, **{"class": "quiet"}), _table(rows)]


def _cells(result: Result) -> tuple[str, ...]:
    case, wall = result.case, result.wall_s
    setting = " ".join(part for part in (case.start_method, case.transport) if part)
    share = waiting_share(result)
    return (
        case.kernel,
        f"{case.mode} {setting}".strip(),
        f"{case.python}{_gil(result)}",
        f"{case.workers}",
        f"{case.tasks}",
        human_count(case.samples),
        result.status if wall is None else duration(wall.median).strip(),
        "" if wall is None else duration(wall.mad).strip(),
        "baseline" if result.baseline else "" if result.speedup is None else speedup_text(result.speedup),
        "" if result.speedup_interval is None else interval_text(result.speedup_interval),
        "" if share is None else share_text(share, " "),
        _number(result.estimate, ".5f"),
        _number(result.z and abs(result.z), ".1f"),
    )


def _number(value: float | None, form: str) -> str:
    """Format a number; "" if it is None or not finite."""
    return "" if value is None or not isfinite(value) else format(value, form)


def _sentences(result: Result) -> list[str]:
    """Return the error, and the advice unless the section on losses shows it, as markup."""
    sentences = [] if _is_explained(result) else [escape_text(advice.sentence) for advice in result.advice]
    if result.error is not None:
        sentences.insert(
            0, make_element("span", escape_text(f"{result.error.type}: {result.error.message}"), **{"class": "bad"})
        )
    return sentences


# ---- where the speed-up went ----------------------------------------------------------------------------------------


def _is_explained(result: Result) -> bool:
    return result.losses is not None and not result.baseline


def _losses_section(results: Sequence[Result]) -> list[str]:
    explained = [result for result in results if _is_explained(result)]
    if not explained:
        return []
    parts = [make_element("h2", "Where did the speed-up go?")]
    for result in explained:
        losses, trial = result.losses, find_median_trial(select_counted_trials(result))
        assert losses is not None
        parts += [make_element("h3", escape_text(format_heading(result))), _losses_bar(losses)]
        parts += [make_element("blockquote", escape_text(advice.sentence)) for advice in result.advice]
        parts.append(_term_table(losses))
        if trial is not None:
            parts.append(_ledger_table(trial, losses.worker))
    return parts


def _losses_bar(losses: Losses) -> str:
    """Draw the terms as one bar whose length is the number of workers; negative terms are left out."""
    shown = [(term, term.value) for term in stack_terms(losses) if term.value is not None and term.value > 0]
    length = max(float(losses.workers), sum(value for _, value in shown))
    pieces = [
        make_element(
            "span",
            "",
            style=f"width: {100 * value / length:.3f}%; background: var(--{term.name})",
            title=f"{TERM_NAMES[term.name]} {value:.2f}",
        )
        for term, value in shown
    ]
    ends = f"<span>0</span><span>{losses.workers} worker{'' if losses.workers == 1 else 's'}</span>"
    return make_element("div", "".join(pieces), **{"class": "bar"}) + make_element("div", ends, **{"class": "scale"})


def _term_table(losses: Losses) -> str:
    drawn = {term.name for term in stack_terms(losses)}
    divided = losses.gil_wait is not None
    rows = [
        _term_row(term, drawn=term.name in drawn, divided=divided)
        for term in list_terms(losses)
        if divided or not term.part
    ]
    rows.append(make_element("tr", _cell("workers", "word") + _cell(f"{losses.workers:.2f}") + _cell("", "word")))
    return _table(rows)


def _term_row(term: Term, *, drawn: bool, divided: bool) -> str:
    colour = f"background: var(--{term.name})" if drawn else ""
    key = make_element("span", "", style=colour, **{"class": "key"})
    name = f"of which {TERM_NAMES[term.name]}" if term.part else TERM_NAMES[term.name]
    value = UNKNOWN if term.value is None else f"{round(term.value, 2) + 0.0:.2f}"
    named = make_element("td", key + escape_text(name), **{"class": "word"})
    return make_element("tr", named + _cell(value) + _cell(describe_term(term.name, divided=divided), "word"))


_LEDGER = ("worker", "running", "waiting", "GIL", "lock", "I/O", "queued", "startup", "between", "idle")


def _ledger_table(trial: Trial, last: int) -> str:
    """Show each worker's time in the median trial, as shares of its wall."""
    rows = [_row(_LEDGER, "th", words=0)]
    rows += [_row(_ledger_cells(worker, last), words=0) for worker in trial.workers]
    summary = f"Each worker's time in the median trial ({duration(trial.wall_s).strip()}); * finished last"
    return make_element("details", make_element("summary", escape_text(summary)) + _table(rows))


def _ledger_cells(worker: WorkerLedger, last: int) -> tuple[str, ...]:
    wall_s = ledger_wall_s(worker)
    parts = (worker.running_s, worker.waiting_s, worker.gil_wait_s, worker.lock_wait_s, worker.io_wait_s,
             worker.queued_s, worker.startup_s, worker.between_s, worker.idle_s)  # fmt: skip
    shares = [UNKNOWN if part is None or wall_s <= 0 else share_text(max(0.0, part / wall_s), " ") for part in parts]
    return (f"{'*' if worker.index == last else ''}{worker.index}", *shares)


# ---- charts, trials, interpreters -----------------------------------------------------------------------------------


def _charts_section(run: RunRecord) -> list[str]:
    from pi_tui.charts.scaling_charts import ChartOptions, build_chart
    from pi_tui.charts.scaling_study import build_study
    from pi_tui.charts.svg import render_svg
    from pi_tui.storage.export.chart_files import make_caption

    study = build_study(run.results, run.machine.usable_cores)
    charts = [build_chart(study, kind, ChartOptions()) for kind in study.kinds]
    drawn = [make_element("figure", render_svg([chart], caption=make_caption(run))) for chart in charts]
    return [make_element("h2", "Scaling"), *drawn] if drawn else []


def _trials_section(results: Sequence[Result]) -> list[str]:
    rows = [
        _row((name, trial.kind, f"{trial.number}", duration(trial.wall_s).strip()), words=2)
        for result, name in ((result, format_heading(result)) for result in results)
        for trial in result.trials[:_MAX_TRIALS_PER_RESULT]
    ]
    if not rows:
        return []
    trials = sum(len(result.trials) for result in results)
    summary = f"Every trial: {trials}"
    if len(rows) < trials:
        summary = (
            f"{trials} trials: the first {_MAX_TRIALS_PER_RESULT} of each case; the JSON in this page has all of them"
        )
    head = _row(("case", "kind", "number", "wall"), "th", words=2)
    return [
        make_element("h2", "Trials"),
        make_element("details", make_element("summary", summary) + _table([head, *rows])),
    ]


def _interpreters_section(run: RunRecord) -> list[str]:
    rows = [_row(("Python", "build", "packages"), "th", words=3)]
    for each in run.interpreters:
        build = "free-threaded" if each.free_threaded_build else "with the GIL"
        packages = ", ".join(f"{name} {version}" for name, version in each.packages.items())
        rows.append(_row((f"{each.implementation} {each.id}", build, packages or UNKNOWN), words=3))
    return [make_element("h2", "Interpreters"), _table(rows)] if run.interpreters else []


# ---- tables ---------------------------------------------------------------------------------------------------------


def _table(rows: Iterable[str]) -> str:
    return make_element("div", make_element("table", "\n".join(rows)), **{"class": "scroll"})


def _row(cells: Sequence[str], kind: str = "td", words: int = _WORD_COLUMNS) -> str:
    return make_element("tr", "".join(_cell(cell, "word" if at < words else "", kind) for at, cell in enumerate(cells)))


def _cell(text: str, style: str = "", kind: str = "td") -> str:
    return make_element(kind, escape_text(text), **({"class": style} if style else {}))


# ---- style sheet --------------------------------------------------------------------------------------------------------

_STYLE = """
:root { color-scheme: light dark; --ground: #ffffff; --text: #20252f; --muted: #5f687a; --line: #d3d7de; --card: #f6f7f9;
  --speedup: #006956; --startup: #b2b8c3; --queued: #9da4b1; --waiting: #8f6a28; --gil_wait: #a54800;
  --lock_wait: #9268c8; --io_wait: #7b8fd6; --between: #8b93a2; --extra: #3f9c86; --imbalance: #1c5fc4;
  --collect: #c8ccd5; --bad: #c2213c; }
@media (prefers-color-scheme: dark) { :root { --ground: #0e1118; --text: #dde3ee; --muted: #98a2b6; --line: #2a3242;
  --card: #151a24; --speedup: #4fe3bb; --startup: #5d677b; --queued: #77819a; --waiting: #c39a4c; --gil_wait: #ff9d4d;
  --lock_wait: #ab83dd; --io_wait: #6c7fc4; --between: #7b869c; --extra: #2b8a72; --imbalance: #7db8ff;
  --collect: #3a4356; --bad: #ff7085; } }
body { font: 16px/1.5 system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif; color: var(--text);
  background: var(--ground); margin: 2rem auto; max-width: 72rem; padding: 0 1.5rem; }
h1 { font-size: 1.7rem; margin-bottom: .2rem; } h2 { font-size: 1.25rem; margin-top: 2.5rem; }
h3 { font-size: 1rem; margin: 1.8rem 0 .4rem; }
p.about, figcaption, .quiet { color: var(--muted); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
th, td { padding: .25rem .55rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--muted); font-weight: 500; } td.word, th.word { text-align: left; }
tr.said td { text-align: left; white-space: normal; color: var(--muted); border-bottom-width: 2px; }
.bad { color: var(--bad); }
.bar { display: flex; height: 1.7rem; border-radius: .3rem; overflow: hidden; background: var(--card); }
.bar span { border-right: 1px solid var(--ground); min-width: 1px; }
.scale { display: flex; justify-content: space-between; color: var(--muted); font-size: .8rem; }
.key { display: inline-block; width: .8rem; height: .8rem; border-radius: .15rem; margin-right: .4rem; }
figure { margin: 1rem 0; } figure svg { max-width: 100%; height: auto; border-radius: .4rem; }
blockquote { margin: .6rem 0; padding: .2rem .9rem; border-left: 3px solid var(--speedup); }
details { margin: .6rem 0; } summary { cursor: pointer; color: var(--muted); }
@media print { body { max-width: none; margin: 0; } details { display: none; } }
"""
