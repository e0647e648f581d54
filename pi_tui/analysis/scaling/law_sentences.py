"""Sentences about fitted laws: parameters with their intervals, goodness of fit, predictions."""

from __future__ import annotations

from pi_tui.analysis.results import Interval
from pi_tui.analysis.scaling.scaling_laws import Fit, Law, RefusedFit
from pi_tui.analysis.text.prose import percent, significant

_SHORT: dict[Law, str] = {"amdahl": "Amdahl", "gustafson": "Gustafson", "usl": "USL"}
_SYMBOLS = {"serial fraction": "serial fraction", "sigma": "σ", "kappa": "κ"}


def describe_fit(fit: Fit) -> str:
    """Describe a fit in a sentence: parameters with their intervals, goodness of fit, and the peak."""
    parts = [f"{each.name} {_format_figure(each.value)}{_format_interval(each.interval)}" for each in fit.parameters]
    sentence = f"{fit.title}: {' and '.join(parts)}"
    if fit.r_squared is None:
        sentence += "; too few numbers of workers above one to test the fit"
    elif fit.r_squared < 0:
        sentence += f"; at worst {fit.worst * 100:.0f}% off; the speed-ups differ too little for R² to mean anything"
    else:
        sentence += f"; R² {fit.r_squared:.3f}, at worst {fit.worst * 100:.0f}% off"
    if fit.law == "usl":
        sentence += "; " + _describe_peak(fit)
    return sentence + "."


def _describe_peak(fit: Fit) -> str:
    if fit.peak is None:
        return "kappa is 0, so there is no peak"
    beyond = " (beyond what was measured)" if fit.peak > fit.counts[-1] else ""
    open_ended = fit.peak_interval is None and fit.resampled
    sure = (
        " (some resamples have no peak, so it has no upper bound)"
        if open_ended
        else _format_interval(fit.peak_interval)
    )
    peak = _format_figure(fit.peak)
    return f"the peak is at {peak} {'worker' if peak == '1' else 'workers'}{sure}{beyond}"


def describe_prediction(fit: Fit, workers: int) -> str:
    """Describe a prediction in a sentence."""
    found = fit.predict(workers)
    speedup, interval = _format_figure(found.speedup), _format_interval(found.interval)
    return f"{fit.title} predicts {speedup} times as fast with {workers} workers{interval}"


def summarise_fit(fit: Fit | RefusedFit) -> str:
    """Summarise a fit: "USL σ 0.05 (0.03 to 0.07), κ 0.002 (0 to 0.004), peak at 22, R² 1.000"."""
    if isinstance(fit, RefusedFit):
        return f"{_SHORT[fit.law]} does not fit"
    parts = [
        f"{_SYMBOLS[each.name]} {_short_figure(each.value)}{_short_interval(each.interval)}" for each in fit.parameters
    ]
    if fit.law == "usl":
        parts.append(
            "no peak" if fit.peak is None else f"peak at {_short_figure(fit.peak)}{_short_interval(fit.peak_interval)}"
        )
    parts.append(_summarise_goodness(fit))
    return f"{_SHORT[fit.law]} {', '.join(parts)}"


def _summarise_goodness(fit: Fit) -> str:
    if fit.r_squared is None:
        return "untested"
    return f"R² {fit.r_squared:.3f}" if fit.r_squared >= 0 else f"at worst {percent(fit.worst)} off"


def _format_figure(value: float, digits: int = 3) -> str:
    return f"{significant(value, digits):.10g}"


def _format_interval(interval: Interval | None) -> str:
    if interval is None:
        return " (too few trials for an interval)"
    return f" ({_format_figure(interval.low)} to {_format_figure(interval.high)})"


def _short_figure(value: float) -> str:
    return _format_figure(value, 2)


def _short_interval(interval: Interval | None) -> str:
    return "" if interval is None else f" ({_short_figure(interval.low)} to {_short_figure(interval.high)})"
