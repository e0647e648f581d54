"""The report: well-formed, self-contained, true to the run, and safe whatever a name or an error holds."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from pi_tui.analysis.results import Losses
from pi_tui.storage.export.formats import export_run
from pi_tui.storage.export.html_format import to_html
from pi_tui.storage.export.json_format import to_json
from pi_tui.storage.run_record import RunRecord

_VOID = {"meta", "rect", "line", "path", "circle", "polyline", "polygon", "use", "ellipse"}


class Page(HTMLParser):
    """What stands in a page: its text, its elements, and whether they are nested as they should be."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, list[str]] = {}
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.text.setdefault(self.open[-1], []).append(data)


def test_it_loads_and_runs_nothing(run_record: RunRecord) -> None:
    page = Page(to_html(run_record))
    for tag, attributes in page.seen:
        assert tag not in {"link", "img", "iframe", "object", "embed", "base", "form"}
        assert not {"src", "href", "xlink:href"} & set(attributes)
        assert not any(name.startswith("on") for name in attributes)
        assert tag != "script" or attributes["type"] == "application/json"
    assert "url(http" not in to_html(run_record)


def test_it_tells_every_result_its_figures_and_its_sentences(run_record: RunRecord) -> None:
    cells = Page(to_html(run_record)).text
    told = cells["td"]
    assert {"python", "numba", "numpy", "630 ms", "0.98×", "baseline", "failed", "unavailable"} <= set(told)
    assert any("took turns" in text for text in cells["blockquote"])
    assert any("numpy cannot run without the GIL" in text for text in cells["span"])


def test_the_bar_is_as_long_as_there_are_workers(run_record: RunRecord) -> None:
    widths = [
        float(width) for width in re.findall(r"width: ([\d.]+)%; background: var\(--(?:\w+)\)", to_html(run_record))
    ]
    assert sum(widths) == pytest.approx(100.0, abs=0.1)
    losses = Losses(1.9, 0.0, 0.0, 0.2, 0.2, 0.0, 0.0, 0.0, -0.1, 0.0, 0.0, workers=2, worker=1, trial=1)
    threads = replace(run_record.results[1], losses=losses)
    page = to_html(replace(run_record, results=(run_record.results[0], threads)))
    assert "--extra; " not in page.split("<h3")[1].split("</blockquote")[0].split("scale")[0]
    assert "-0.10" in page  # a negative term takes no room, and is told


def test_what_waiting_was_for_is_told_only_where_it_is_known(run_record: RunRecord) -> None:
    page = to_html(run_record)
    assert "of which" not in page
    assert "blocked, reason unknown" in page
    known = Losses(0.98, 0.01, None, 1.0, 0.9, 0.1, 0.0, 0.0, 0.005, 0.0, 0.005, workers=2, worker=1, trial=1)
    page = to_html(replace(run_record, results=(replace(run_record.results[1], losses=known),)))
    assert re.search(r"of which GIL wait</td><td>0.90</td>", page)
    assert re.search(r"queued</td><td>–</td>", page)  # not known is not nought


def test_text_of_others_stays_text(run_record: RunRecord) -> None:
    ugly = '</script><script>alert(1)</script><b onload="x">&amp;'
    failed = run_record.results[2]
    assert failed.error is not None
    ugly_case = replace(failed.case, kernel=ugly)
    ugly_run = replace(
        run_record, results=(replace(failed, case=ugly_case, error=replace(failed.error, message=ugly)),)
    )
    page = Page(to_html(ugly_run))
    assert [attributes["type"] for tag, attributes in page.seen if tag == "script"] == ["application/json"]
    assert ugly in "".join(page.text["td"])
    assert ugly in json.loads("".join(page.text["script"]))["results"][0]["error"]["message"]


def test_the_run_itself_is_in_it(run_record: RunRecord) -> None:
    page = Page(export_run(run_record, "html").decode())
    assert json.loads("".join(page.text["script"])) == json.loads(to_json(run_record))


def test_of_very_many_trials_the_first_are_listed_and_all_are_in_the_data(run_record: RunRecord) -> None:
    result = run_record.results[0]
    many = replace(result, trials=result.trials + result.trials[-1:] * 3000)
    page = Page(to_html(replace(run_record, results=(many,))))
    assert "".join(page.text["summary"]).startswith("3003 trials: the first 1000")
    assert len(page.text["td"]) < 5000
    assert len(json.loads("".join(page.text["script"]))["results"][0]["trials"]) == 3003


def test_a_run_without_results_is_a_page_too(run_record: RunRecord) -> None:
    assert "No results" in Page(to_html(replace(run_record, results=()))).text["h1"]
