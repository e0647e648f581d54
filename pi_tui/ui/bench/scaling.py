"""What the bench shows of scaling: the charts of the selected row's run, and where they are saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on

from pi_tui.ui.bench.activity import WatchingScreen
from pi_tui.ui.bench.panes.scaling import ScalingPane

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pi_tui.analysis.results import Interpreter, Machine, Result
    from pi_tui.charts.palette import Ground
    from pi_tui.ui.state.session import Row


class ChartingScreen(WatchingScreen):
    """A screen with the pane of scaling."""

    scaling: ScalingPane
    _chosen_row: int | None = None

    def show_losses(self, rows: Sequence[Row], number: int | None) -> None:
        """Show where the speed-up of these rows went, and how the selected one's run scales."""
        super().show_losses(rows, number)
        self._chosen_row = number
        self.show_scaling()

    def show_scaling(self) -> None:
        """Show the charts of the selected row's run; of the latest where none is selected."""
        row = self._session.row(self._chosen_row)
        run = row.run if row is not None else self._session.runs
        self.scaling.show(
            self._results_of(run),
            run,
            row.case if row is not None else None,
            self._made_on(run)[0].usable_cores,
            named=row.origin.label if row is not None and row.origin is not None else f"run {run}",
            inside=any(each.in_app for each in self._session.rows if each.run == run),
        )

    def _results_of(self, run: int) -> tuple[Result, ...]:
        """Everything measured in a run, whatever the filter: a line of a chart must not lose its points."""
        return tuple(
            row.result for row in self._session.rows if row.run == run and row.result is not None and not row.in_app
        )

    def _made_on(self, run: int) -> tuple[Machine, tuple[Interpreter, ...]]:
        """The machine and the interpreters of a run."""
        return self._session.environments.get(run, (self.ports.machine, ()))

    @on(ScalingPane.SaveAsked)
    def _save_asked(self, event: ScalingPane.SaveAsked) -> None:
        from pi_tui.storage.run_record import RunRecord
        from pi_tui.ui.dialogs.export_chart import ChartExportScreen

        run = self.scaling.view.run
        record = RunRecord(*self._made_on(run), self._results_of(run))
        ground: Ground = "dark" if self.app.current_theme.dark else "light"
        self.app.push_screen(ChartExportScreen(event.chart, record, self.ports, ground))
