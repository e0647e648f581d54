"""Terminals that can do less: no colours, few colours, ASCII alone; and other themes."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.color import Color
from textual.theme import Theme

from pi_tui.analysis.text.ascii import draw_ascii
from pi_tui.ui.state.time_categories import TIME_CATEGORIES
from pi_tui.ui.theme.styles import Styles
from pi_tui.ui.theme.themes import DARK, LIGHT, fallback_variables
from tests.ui.pilot import opened, run_to_end, run_until, screen_text, seen, until
from tests.ui.scripted import CRASH, Bench


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 40), (200, 60)])
async def test_ascii_alone(size: tuple[int, int], tmp_path: Path) -> None:
    bench = Bench(folder=tmp_path, ascii_only=True)
    bench.laboratory.failing["numba"] = CRASH
    async with opened(bench, size) as pilot:
        assert screen_text(pilot.app).isascii()
        await run_to_end(pilot, bench)
        assert screen_text(pilot.app).isascii()
        await pilot.press("f1")
        await seen(pilot, "Manual")
        assert screen_text(pilot.app).isascii()


async def test_no_color_keeps_the_words_and_greys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(folder=tmp_path)
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        coloured = screen_text(pilot.app)
    monkeypatch.setenv("NO_COLOR", "1")
    bench = Bench(folder=tmp_path)
    async with opened(bench) as pilot:
        await run_to_end(pilot, bench)
        assert screen_text(pilot.app) == coloured
        styles = [segment.style for strip in pilot.app.screen._compositor.render_strips() for segment in strip]
        colours = {style.color.triplet for style in styles if style and style.color and style.color.triplet}
        assert len(colours) > 3
        assert all(max(colour) - min(colour) <= 1 for colour in colours)
        cursor = bench.app.line_styles["text/cursor"]
        assert cursor.reverse


@pytest.mark.parametrize("theme", [LIGHT.name, "nord", "textual-light", "monokai", "ansi-dark"])
async def test_other_themes_show_the_same(theme: str, tmp_path: Path) -> None:
    bench = Bench(folder=tmp_path)
    async with opened(bench) as pilot:
        if theme not in bench.app.available_themes:
            pytest.skip(f"no theme {theme} in this Textual")
        before = screen_text(pilot.app)
        dark = bench.app.line_styles["running"]
        bench.app.theme = theme
        await until(pilot, lambda: bench.app.styles is not dark, "other styles")
        assert screen_text(pilot.app) == before
        await run_until(pilot, bench, 8)
        bench.laboratory.permit()


async def test_the_light_theme_from_the_start(tmp_path: Path) -> None:
    bench = Bench(folder=tmp_path, light=True)
    async with opened(bench):
        assert bench.app.theme == LIGHT.name
        assert bench.app.bench.styles.background.rgb == Color.parse(LIGHT.background or "").rgb


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_meanings_differ_in_brightness(theme: Theme) -> None:
    brightness = [Color.parse(theme.variables[meaning.style]).brightness for meaning in TIME_CATEGORIES]
    steps = [one - other for one, other in itertools.pairwise(brightness)]
    assert all((step if theme.dark else -step) > 0.05 for step in steps), brightness


def test_meanings_differ_in_glyph() -> None:
    glyphs = [meaning.glyph for meaning in TIME_CATEGORIES]
    assert len(set(glyphs)) == len(glyphs)
    assert len({draw_ascii(glyph) for glyph in glyphs}) == len(glyphs)
    assert all(cell_len(glyph) == 1 for glyph in glyphs)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_text_can_be_read_on_its_background(theme: Theme) -> None:
    background = Color.parse(theme.background or "")
    for name, least in (("muted", 4.5), ("faint", 2.8), ("key", 4.5), ("running", 4.5), ("gil-wait", 4.5)):
        assert contrast(Color.parse(theme.variables[name]), background) >= least, name
    assert contrast(Color.parse(theme.foreground or ""), background) > 7


def contrast(one: Color, other: Color) -> float:
    """WCAG's ratio of contrast."""

    def luminance(colour: Color) -> float:
        parts = [value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4 for value in colour.normalized]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    first, second = sorted((luminance(one), luminance(other)), reverse=True)
    return (first + 0.05) / (second + 0.05)


def test_inks_come_from_the_variables_of_the_theme() -> None:
    variables = {**fallback_variables(DARK), "background": "#000000", "foreground": "auto 87%", "error": "#ff0000"}
    styles = Styles({**variables, "warning": "ansi_yellow", "border-blurred": "#333333"})
    assert styles["text"].color is not None
    assert styles["notice"].color is not None
    assert styles["running/cursor"].bgcolor == styles["cursor"].bgcolor
    with pytest.raises(KeyError):
        styles["no such style"]
    few = Styles({**variables, "warning": "ansi_yellow", "border-blurred": "#333333"}, few_colours=True)
    assert few["key"].bold
    assert not styles["key"].bold
    assert few["heat-0"] == few["heat-8"] == few["running"]
    assert styles["heat-0"] != styles["heat-8"]
