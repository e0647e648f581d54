"""The pane that shows how speed-up and time change with workers, samples and tasks."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.strip import Strip

from pi_tui.ui.widgets.line_widget import LineWidget

if TYPE_CHECKING:
    from pi_tui.analysis.results import Interpreter, Machine, Result
    from pi_tui.charts.palette import Ground
    from pi_tui.charts.scaling_study import ChartKind, ScalingStudy
    from pi_tui.ui.drawing.scaling_tab import ScalingView
    from pi_tui.ui.drawing.spans import Line
    from pi_tui.ui.state.ports import Ports
    from pi_tui.ui.state.session import Session

    Material = tuple[tuple[Result, ...], int]
    """What a study needs: results, and the number of their run."""

PREDICTIONS = (None, 64, 1024)
"""The numbers of workers that `i` extrapolates the law to, in turn."""

_CLOSER, _STEP = 0.5, 0.25


class ScalingPane(LineWidget, can_focus=True):
    """Three charts of one run, to be switched, zoomed, and extrapolated to more workers.

    The data of a run is studied in a thread, and only while the pane is shown.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "next_chart(1)", "chart", tooltip="Show the next chart"),
        Binding("n", "next_series(1)", "series", tooltip="Show the next series alone"),
        Binding("t", "list_series", "tick series", tooltip="Tick the series that are drawn"),
        Binding("i", "predict", "what if", tooltip="Extrapolate the fitted law to 64, then to 1024 workers"),
        Binding("plus,equals_sign", "zoom(1)", "closer", key_display="+", tooltip="Zoom in"),
        Binding("minus", "zoom(-1)", "farther", show=False, tooltip="Zoom out"),
        Binding("0", "whole", "whole", show=False, tooltip="Show the whole chart"),
        Binding("d", "save", "draw to file", tooltip="Save the chart as SVG or PNG"),
        Binding("space", "hide", "hide", show=False, tooltip="Hide the series, or show it again"),
        Binding("left", "go(-1, 0)", "left", show=False),
        Binding("right", "go(1, 0)", "right", show=False),
        Binding("up,k", "go(0, 1)", "up", show=False),
        Binding("down,j", "go(0, -1)", "down", show=False),
        Binding("enter", "app.open_row", "log", show=False),
    ]

    def __init__(self, session: Session, ports: Ports) -> None:
        super().__init__(id="scaling", classes="pane")
        self._session = session
        self._ports = ports
        self._row_number: int | None = None
        self._cores = ports.machine.usable_cores
        self._wanted: Material = (), 0
        self._studied: Material = (), 0
        self._at_work = False
        self._chosen = False
        self._lines: list[Line] | None = None
        self._view: ScalingView | None = None

    @property
    def view(self) -> ScalingView:
        """The charts that are shown; created at the first access."""
        if self._view is None:
            from pi_tui.charts.scaling_charts import ChartOptions
            from pi_tui.charts.viewport import Viewport
            from pi_tui.ui.drawing.scaling_tab import ScalingView

            self._view = ScalingView(None, 0, "speedup", ChartOptions(), Viewport(), None)
        return self._view

    # ---- what is shown

    def show_row(self, number: int | None) -> None:
        """Show the charts of the run of a row, by the row's number; without such a row, of the latest run."""
        self._row_number = number
        self.show_session()

    def show_session(self) -> None:
        """Show the charts as the session stands; do nothing while the pane is hidden."""
        row = self._session.row(self._row_number)
        run = row.run if row is not None else self._session.runs
        self._cores = self._find_environment(run)[0].usable_cores
        if not self.has_class("-shown"):
            return
        subject = row.case if row is not None else None
        inside = any(each.in_app for each in self._session.rows if each.run == run)
        if run != self.view.run or inside != self.view.inside:
            named = row.origin.label if row is not None and row.origin is not None else f"run {run}"
            self._change(replace(self.view, study=None, run=run, subject=subject, named=named, inside=inside))
        elif subject != self.view.subject:
            self._change(replace(self.view, subject=subject))
        self._wanted = self._list_results(run), run
        self._study()

    def _list_results(self, run: int) -> tuple[Result, ...]:
        """Return all results of a run, also those that the filter hides: a chart needs all points."""
        return tuple(
            row.result for row in self._session.rows if row.run == run and row.result is not None and not row.in_app
        )

    def _find_environment(self, run: int) -> tuple[Machine, tuple[Interpreter, ...]]:
        """Return the machine and the interpreters of a run."""
        return self._session.environments.get(run, (self._ports.machine, ()))

    def _study(self) -> None:
        """Study the wanted results, unless a study is under way: the next begins at its end."""
        if self._at_work or self._wanted == self._studied:
            return
        self._at_work = True
        # The thread is given its data: when it starts, another run may be shown.
        work = partial(self._make_study, self._wanted, self._cores)
        self.run_worker(work, thread=True, group="study", exit_on_error=False)

    def _make_study(self, wanted: Material, cores: int) -> None:
        from pi_tui.charts.scaling_study import build_study, fit_laws_once

        (results, _), study = wanted, None
        try:
            study = build_study(results, cores)
            studied, _ = self._studied
            if len(results) > len(studied) or not studied:
                self.app.call_from_thread(self._take, wanted, study, prepared=False)
            for series in study.scaling:
                fit_laws_once(series)  # cached for the drawing
        finally:
            self.app.call_from_thread(self._take, wanted, study, prepared=True)

    def _take(self, wanted: Material, study: ScalingStudy | None, *, prepared: bool) -> None:
        """Show a finished study, and begin the next one."""
        results, run = wanted
        if run == self.view.run and study is not None and results:
            view = replace(self.view, study=study, prepared=prepared)
            if not self._chosen and study.kinds and view.kind not in study.kinds:
                view = replace(view, kind=study.kinds[0])
            self._change(view)
        if prepared:
            self._studied, self._at_work = wanted, False
            self._study()

    def _change(self, view: ScalingView) -> None:
        if view != self.view:
            self._view = view
            self._lines = None
            self.refresh()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._lines = None
        self.refresh()

    def notify_style_update(self) -> None:
        """Draw in the colours of another theme."""
        super().notify_style_update()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return one line."""
        cells = self.content_size.width
        if self._lines is None:
            from pi_tui.charts.glyphs import ASCII, UNICODE
            from pi_tui.ui.drawing.scaling_tab import draw_scaling

            glyphs = ASCII if self.themed_app.ascii_only else UNICODE
            self._lines = draw_scaling(self.view, cells, self.content_size.height, glyphs)
        return self.make_strip(self._lines[y] if y < len(self._lines) else [], cells)

    # ---- how it is looked at

    @property
    def _names(self) -> tuple[str, ...]:
        return self.view.study.names(self.view.kind) if self.view.study is not None else ()

    def action_choose(self, kind: ChartKind) -> None:
        """Show one of the charts."""
        from pi_tui.charts.viewport import Viewport

        self._chosen = True
        look = replace(self.view.look, selected="", hidden=frozenset())
        self._change(replace(self.view, kind=kind, window=Viewport(), look=look))

    def action_next_chart(self, step: int) -> None:
        """Show the next chart, or the one before; one without data says what it needs."""
        from pi_tui.charts.scaling_study import CHART_KINDS

        self.action_choose(CHART_KINDS[(CHART_KINDS.index(self.view.kind) + step) % len(CHART_KINDS)])

    def action_next_series(self, step: int) -> None:
        """Show the next series alone; after the last, show all of them."""
        order = ("", *self._names)
        place = order.index(self.view.look.selected) if self.view.look.selected in order else 0
        self._point(order[(place + step) % len(order)])

    def action_point(self, number: int) -> None:
        """Show one series alone, or all of them again; a click on its name does so."""
        if number < len(self._names):
            name = self._names[number]
            self._point("" if name == self.view.look.selected else name)

    def _point(self, name: str) -> None:
        self._change(replace(self.view, look=replace(self.view.look, selected=name)))

    def action_hide(self) -> None:
        """Hide the selected series, or show it again."""
        from pi_tui.ui.drawing.scaling_tab import choose_subject

        name = choose_subject(self.view)
        if name:
            self._toggle_series(name)

    def action_list_series(self) -> None:
        """Open the list in which series are ticked."""
        if not self._names:
            self.notify("There are no series yet.")
            return
        from pi_tui.ui.dialogs.chart_series import ChartSeriesDialog

        self.app.push_screen(ChartSeriesDialog(self._names, self.view.look.hidden, self._toggle_series))

    def _toggle_series(self, name: str) -> None:
        look = replace(self.view.look, hidden=self.view.look.hidden ^ {name})
        self._change(replace(self.view, look=look))

    def action_predict(self) -> None:
        """Extrapolate the law to more workers, or stop doing so."""
        if self.view.kind != "speedup":
            self.action_choose("speedup")
        place = PREDICTIONS.index(self.view.look.predict_to)
        following = PREDICTIONS[(place + 1) % len(PREDICTIONS)]
        self._change(replace(self.view, look=replace(self.view.look, predict_to=following)))

    def action_zoom(self, steps: int) -> None:
        """Zoom in, or out with negative steps."""
        self._change(replace(self.view, window=self.view.window.zoom(_CLOSER**steps)))

    def action_whole(self) -> None:
        """Show the whole chart."""
        from pi_tui.charts.viewport import Viewport

        self._change(replace(self.view, window=Viewport()))

    def action_go(self, right: int, up: int) -> None:
        """Move the visible part; where the whole chart is visible, go to another chart or series."""
        if not self.view.window.shows_all:
            self._change(replace(self.view, window=self.view.window.move(right * _STEP, up * _STEP)))
        elif right:
            self.action_next_chart(right)
        else:
            self.action_next_series(-up)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Zoom in."""
        event.stop()
        self.action_zoom(1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Zoom out."""
        event.stop()
        self.action_zoom(-1)

    def action_save(self) -> None:
        """Open the dialog that saves the chart."""
        if self.view.study is None or self.view.kind not in self.view.study.kinds:
            self.notify("There is no chart to save yet.")
            return
        from pi_tui.storage.run_record import RunRecord
        from pi_tui.ui.dialogs.export_chart import ChartExportDialog
        from pi_tui.ui.drawing.scaling_tab import build_visible_chart

        run = self.view.run
        record = RunRecord(*self._find_environment(run), self._list_results(run))
        ground: Ground = "dark" if self.themed_app.current_theme.dark else "light"
        self.app.push_screen(ChartExportDialog(build_visible_chart(self.view), record, self._ports, ground))
