"""Charts as SVG and PNG: well-formed, self-contained, fully visible, without system fonts."""

from __future__ import annotations

import re
import struct
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from importlib.util import find_spec

import pytest

from pi_tui.charts.chart import Chart
from pi_tui.charts.palette import PALETTES, Ground
from pi_tui.charts.png import FONT, FONT_CHARACTERS, render_png
from pi_tui.charts.scaling_charts import ChartOptions, build_chart
from pi_tui.charts.scaling_study import build_study
from pi_tui.charts.svg import HEIGHT, MIN_PLOT_HEIGHT, WIDTH, render_svg
from pi_tui.charts.svg_elements import MARKERS, draw_marker, text_width, wrap_text
from tests.charts.chart_builders import grain_results, make_chart, scaling_results, size_results, usl_speedup

NEEDS_RESVG = pytest.mark.skipif(find_spec("resvg_py") is None, reason="resvg is not installed")
CAPTION = "a processor · 8 cores, 4 usable · CPython 3.11.9 · 2026-11-24 10:00"


def all_charts() -> list[Chart]:
    return [
        build_chart(build_study(scaling_results((1, 2, 4, 8), usl_speedup), 4), "speedup", ChartOptions(predict_to=64)),
        build_chart(build_study(size_results((1000, 100_000, 10_000_000)), 4), "time"),
        build_chart(build_study(grain_results([2**power for power in range(13)]), 4), "grain"),
    ]


def crowded(kernels: int) -> Chart:
    """Return a chart with two series per kernel, each with two laws in the notes."""
    results = [
        replace(result, case=replace(result.case, kernel=f"kernel-{number}"))
        for number in range(kernels)
        for mode in ("threads", "pool-map")
        for result in scaling_results((1, 2, 4, 8), usl_speedup, mode)
    ]
    return build_chart(build_study(results, 4), "speedup")


@pytest.mark.parametrize("kernels", [1, 2, 4, 8])
def test_the_plot_area_stays_large_with_many_series_and_notes(kernels: int) -> None:
    root = ElementTree.fromstring(render_svg([crowded(kernels), make_chart((1, 1), (2, 2))], caption=CAPTION))
    height = float(root.get("height", 0))
    rooms = [each for clip in root.iter("{http://www.w3.org/2000/svg}clipPath") for each in clip]
    assert [float(room.get("height", 0)) >= MIN_PLOT_HEIGHT for room in rooms] == [True, True]
    assert all(0 <= float(each.get(name, 0)) <= height for each in root.iter() for name in ("y", "cy"))
    assert height >= 2 * HEIGHT
    assert root.get("viewBox") == f"0 0 {WIDTH:g} {height:g}"


@pytest.mark.parametrize("ground", ["light", "dark"])
def test_a_picture_is_complete_and_self_contained(ground: Ground) -> None:
    svg = render_svg(all_charts(), caption=CAPTION, ground=ground)
    root = ElementTree.fromstring(svg)
    texts = ["".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")]
    for wanted in (
        "Speed-up against workers",
        "numba-nogil · threads",
        "workers",
        "4×",
        "1 s",
        "10M",
        "tasks",
        CAPTION,
    ):
        assert wanted in texts, wanted
    assert any("overtakes sequential" in text for text in texts)
    assert "href" not in svg
    assert "url(http" not in svg
    assert "<style" not in svg
    assert PALETTES[ground].ground in svg


def test_every_number_in_a_picture_lies_within_it() -> None:
    root = ElementTree.fromstring(render_svg(all_charts(), caption=CAPTION))
    height = float(root.get("height", 0))
    assert height >= 3 * HEIGHT
    for each in root.iter():
        for name, limit in (("x", WIDTH), ("x1", WIDTH), ("x2", WIDTH), ("cx", WIDTH), ("y", height), ("cy", height)):
            assert 0 <= float(each.get(name, 0)) <= limit
    clipped = {each for group in root.iter("{http://www.w3.org/2000/svg}g") for each in group}
    for each in set(root.iter()) - clipped:
        for x, y in re.findall(r"([-\d.]+),([-\d.]+)", each.get("points", "")):
            assert 0 <= float(x) <= WIDTH
            assert 0 <= float(y) <= height


@pytest.mark.parametrize("notes", [0, 3, 30])
def test_many_notes_make_the_picture_taller_and_keep_the_plot_area(notes: int) -> None:
    chart = replace(all_charts()[0], notes=("It overtakes sequential from about 2 800 000 samples. " * 4,) * notes)
    root = ElementTree.fromstring(render_svg([chart], caption=CAPTION))
    (room,) = root.iter("{http://www.w3.org/2000/svg}clipPath")
    assert float(room[0].get("height", 0)) >= 350
    assert float(root.get("height", 0)) >= HEIGHT
    assert (float(root.get("height", 0)) > HEIGHT) == (notes > 0)


def test_numbers_are_not_broken_between_lines() -> None:
    text = "from 1 000 to 10 000 000 samples per task, 4 tasks of 100 each, 2 800 000 in total"
    lines = wrap_text(text, 10.0, 60.0)
    assert " ".join(lines) == text
    assert {"10 000 000", "2 800 000"} <= {word for line in lines for word in re.findall(r"\d[\d ]*\d", line)}


def test_no_text_lies_on_another() -> None:
    for chart in (*all_charts(), crowded(3)):
        root = ElementTree.fromstring(render_svg([chart], caption=CAPTION))
        boxes = []
        for each in root.iter("{http://www.w3.org/2000/svg}text"):
            size = float(each.get("font-size", 0))
            width = text_width("".join(each.itertext()), size) * 0.8
            left = (
                float(each.get("x", 0)) - {"start": 0, "middle": width / 2, "end": width}[each.get("text-anchor", "")]
            )
            boxes.append((left, left + width, float(each.get("y", 0)) - 0.7 * size, float(each.get("y", 0))))
        for index, one in enumerate(boxes):
            for other in boxes[index + 1 :]:
                apart = one[1] <= other[0] or other[1] <= one[0] or one[3] <= other[2] or other[3] <= one[2]
                assert apart, (chart.title, one, other)


def test_user_text_is_escaped() -> None:
    chart = make_chart((1, 1), (2, 2), title="a < b & \x07c", notes=("<script>",))
    root = ElementTree.fromstring(render_svg([chart], caption="\"quoted\" & 'more'"))
    assert root.tag.endswith("svg")


def test_shapes_are_distinct_and_tints_too() -> None:
    assert len({draw_marker(number, 0.0, 0.0, "#000000", "#ffffff") for number in range(len(MARKERS))}) == len(MARKERS)
    for palette in PALETTES.values():
        assert len(set(palette.tints)) == len(palette.tints)


@NEEDS_RESVG
def test_a_png_shows_its_text_without_any_font_of_the_machine() -> None:
    import resvg_py

    svg = render_svg(all_charts()[:1], caption=CAPTION)
    assert set(svg) <= FONT_CHARACTERS | {"\n"}, "what charts are written with is in the font that comes along"
    png = render_png(svg)
    assert png.startswith(b"\x89PNG")
    height = float(ElementTree.fromstring(svg).get("height", 0))
    assert struct.unpack(">II", png[16:24]) == (1920, round(1.5 * height))
    textless = re.sub(r"<text.*?</text>", "", svg)
    assert render_png(textless) != png
    assert resvg_py.svg_to_bytes(svg_string=svg, zoom=1.5, skip_system_fonts=True) == render_png(textless)


@NEEDS_RESVG
def test_characters_missing_from_the_font_use_system_fonts() -> None:
    assert render_png(render_svg([make_chart((1, 1), (2, 2), title="速度")], caption="")).startswith(b"\x89PNG")


def test_the_font_is_small_and_its_licence_lies_beside_it() -> None:
    assert FONT.stat().st_size < 20_000
    assert "Permission is hereby granted" in FONT.with_name("chart-font.LICENSE.txt").read_text()
