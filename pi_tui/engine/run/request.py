"""What the user asked for: one run measures the product of everything in a request."""

from __future__ import annotations

from dataclasses import dataclass

from pi_tui.host.modes.catalog import StartMethod, Transport

DEFAULT_MODES = ("sequential", "threads")
DEFAULT_SAMPLES = 1_000_000
DEFAULT_REPEAT = 5
DEFAULT_UNTIL_STABLE = 0.05
DEFAULT_STABLE_LIMIT_S = 60.0
"""How long trials are repeated until they are stable, unless the user sets a limit."""


@dataclass(frozen=True, slots=True)
class RunRequest:
    """One run, as requested on the command line or chosen on the screen.

    Attributes:
        kernels: names of the catalog, or the user's functions as `user_kernels.resolve_kernels` reads them.
        arguments: arguments of the user's functions besides the samples, by name.
        modes: names of the catalog.
        workers: each count makes a case; empty means as many as there are usable cores.
        samples: per task, or for all tasks together with `split`.
        start_methods: for modes made of processes.
        transports: for the mode `processes`.
        pythons: interpreters: "" is the app's, otherwise a path, a version or an id.
        gils: GIL settings: True and False turn the GIL on or off; None leaves it as it is.
        tasks: None is one per worker.
        chunksize: tasks handed out at once by the pools that can do so.
        warmup: trials of each case before the measured ones; in the app there are none (`warmup_rounds`).
        seed: None draws one.
        force: run even unreasonable sizes.
        timeout_s: ends a trial that takes longer.
        until_stable: repeat each case until half of its median's 95% interval is below this share of the median.
        in_app: run in threads of the app itself, without baselines and warm-ups; the results are compared with nothing.
        max_time_s: no round of trials starts later; None: `DEFAULT_STABLE_LIMIT_S` with `until_stable`, else no limit.
    """

    kernels: tuple[str, ...]
    modes: tuple[str, ...] = DEFAULT_MODES
    workers: tuple[int, ...] = ()
    samples: tuple[int, ...] = (DEFAULT_SAMPLES,)
    start_methods: tuple[StartMethod, ...] = ("spawn",)
    transports: tuple[Transport, ...] = ("queue",)
    pythons: tuple[str, ...] = ("",)
    gils: tuple[bool | None, ...] = (None,)
    tasks: tuple[int | None, ...] = (None,)
    split: bool = False
    chunksize: int | None = None
    repeat: int = DEFAULT_REPEAT
    warmup: int = 1
    seed: int | None = None
    force: bool = False
    timeout_s: float | None = None
    until_stable: float | None = None
    max_time_s: float | None = None
    arguments: tuple[tuple[str, int | float | bool | str], ...] = ()
    in_app: bool = False

    @property
    def warmup_rounds(self) -> int:
        """Trials of each case before the measured ones, as many as there really are."""
        return 0 if self.in_app else self.warmup

    @property
    def time_limit_s(self) -> float | None:
        """Seconds after which no further round starts; None without a limit."""
        return DEFAULT_STABLE_LIMIT_S if self.max_time_s is None and self.until_stable is not None else self.max_time_s
