"""Fitted laws in one line: names, parameters with their intervals, how well they fit."""

from __future__ import annotations

from pi_tui.analysis.results import Interval
from pi_tui.analysis.scaling.scaling_laws import Fit, Law, Refused
from pi_tui.analysis.text.prose import percent, significant

_SHORT: dict[Law, str] = {"amdahl": "Amdahl", "gustafson": "Gustafson", "usl": "USL"}
_SYMBOLS = {"serial fraction": "serial fraction", "sigma": "σ", "kappa": "κ"}


def law_line(fit: Fit | Refused) -> str:
    """A fit in a few words: "USL σ 0.05 (0.03 to 0.07), κ 0.002 (0 to 0.004), peak at 22, R² 1.000"."""
    if isinstance(fit, Refused):
        return f"{_SHORT[fit.law]} does not fit"
    parts = [f"{_SYMBOLS[each.name]} {_figure(each.value)}{_between(each.interval)}" for each in fit.parameters]
    if fit.law == "usl":
        parts.append("no peak" if fit.peak is None else f"peak at {_figure(fit.peak)}{_between(fit.peak_interval)}")
    parts.append(_goodness(fit))
    return f"{_SHORT[fit.law]} {', '.join(parts)}"


def _goodness(fit: Fit) -> str:
    if fit.r_squared is None:
        return "untested"
    return f"R² {fit.r_squared:.3f}" if fit.r_squared >= 0 else f"at worst {percent(fit.worst)} off"


def _figure(value: float) -> str:
    return f"{significant(value, 2):.10g}"


def _between(interval: Interval | None) -> str:
    return "" if interval is None else f" ({_figure(interval.low)} to {_figure(interval.high)})"
