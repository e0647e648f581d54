"""What a person asked for: the product of everything in here is one run."""

from __future__ import annotations

from dataclasses import dataclass

from pi_tui.host.modes.catalog import StartMethod, Transport

DEFAULT_MODES = ("sequential", "threads")
DEFAULT_SAMPLES = 1_000_000
DEFAULT_REPEAT = 5
DEFAULT_UNTIL_STABLE = 0.05
DEFAULT_STABLE_LIMIT_S = 60.0
"""How long trials are repeated for the sake of their interval where nothing else is said."""


@dataclass(frozen=True, slots=True)
class RunRequest:
    """One run, as asked on the command line or ticked on the screen.

    Attributes:
        kernels: names of the catalog, or functions of a person's own as `engine.own_kernels` reads them.
        arguments: what functions of a person's own are called with besides the samples, by name.
        modes: names of the catalog.
        workers: each count is a case of its own; empty means as many as usable cores.
        samples: per task, or for all tasks together where `split`.
        start_methods: for modes made of processes.
        transports: for the mode `processes`.
        pythons: interpreters: "" is the app's own, else a path or a version.
        gils: settings of the GIL: None leaves things as they are; True and False ask for it on or off.
        tasks: None is one a worker.
        chunksize: tasks handed out at once by the pools that can.
        warmup: trials of each case before those that count; inside the app there are none (`warmup_rounds`).
        seed: None draws one.
        force: run what would be refused for its size.
        timeout_s: ends a trial that takes longer.
        until_stable: repeat each case until its median is sure to this share of it (half of its 95% interval).
        in_app: run in threads of the app itself, where nothing is compared: without baselines and warm-ups.
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
        """Trials of each case before those that count, as many as there really are."""
        return 0 if self.in_app else self.warmup

    @property
    def time_limit_s(self) -> float | None:
        """Seconds after which no further round begins; None without a limit."""
        return DEFAULT_STABLE_LIMIT_S if self.max_time_s is None and self.until_stable is not None else self.max_time_s
