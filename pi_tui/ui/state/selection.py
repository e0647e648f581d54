"""What is ticked on the bench as a frozen value, and functions that describe and change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from pi_tui.engine.run.request import DEFAULT_MODES, DEFAULT_REPEAT, DEFAULT_SAMPLES, RunRequest
from pi_tui.host.kernels.catalog import KERNELS, Kernel
from pi_tui.host.modes.catalog import MODES, START_METHODS, TRANSPORTS, StartMethod, Transport

if TYPE_CHECKING:
    from pi_tui.analysis.results import Interpreter

PRESET_SAMPLES = tuple(10**power for power in range(3, 9))
MOST_REPEATS = 999

IN_APP_MODE = "threads"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Selection:
    """The choices for a run, whose cases are the product of all of them.

    Attributes:
        repeat: measured trials per case; with `until_stable`, the least number of them.
        until_stable: repeat each case until its median is precise to this share of it; None for a fixed number of repeats.
        pythons: interpreters by path, version or id; "" is the app's.
        gils: settings of the GIL for free-threaded interpreters; None is the interpreter's default.
        in_app: run in background threads of the app, so that a person can feel the effect of its GIL.
        more_samples, more_workers: choices that a person added to the presets.
        user_kernels: kernels that can be ticked besides the catalog's: a user's functions, and those of installed packages.
    """

    kernels: tuple[str, ...] = ("python", "numba")
    modes: tuple[str, ...] = DEFAULT_MODES
    start_methods: tuple[StartMethod, ...] = ("spawn",)
    transports: tuple[Transport, ...] = ("queue",)
    samples: tuple[int, ...] = (DEFAULT_SAMPLES,)
    workers: tuple[int, ...] = (1,)
    repeat: int = DEFAULT_REPEAT
    until_stable: float | None = None
    pythons: tuple[str, ...] = ("",)
    gils: tuple[bool | None, ...] = (None,)
    in_app: bool = False
    more_samples: tuple[int, ...] = ()
    more_workers: tuple[int, ...] = ()
    user_kernels: tuple[Kernel, ...] = ()

    @property
    def kernels_by_name(self) -> dict[str, Kernel]:
        """All kernels that can be ticked by name, the catalog's first."""
        return {**KERNELS, **{kernel.name: kernel for kernel in self.user_kernels}}

    def add_user_kernel(self, kernel: Kernel, *, ticked: bool) -> Selection:
        """Return the selection with one more kernel, which replaces a user's kernel of the same name."""
        others = tuple(each for each in self.user_kernels if each.name != kernel.name)
        user_kernels = (*others, kernel) if kernel.own is not None else others
        kernels = self.kernels
        if ticked:
            kernels = (*(each for each in kernels if each != kernel.name), kernel.name)
        return replace(self, user_kernels=user_kernels, kernels=kernels)

    @property
    def needs_probe(self) -> bool:
        """Whether another interpreter than the app's must be probed, which takes a moment."""
        return any(self.pythons)

    def request(self, *, force: bool = False) -> RunRequest:
        """Return the request to the engine; inside the app, it has only the kernels and modes that can run there."""
        kernels, modes = self.kernels, self.modes
        if self.in_app:
            kernels = tuple(name for name in kernels if kernel_in_app_refusal(self.kernels_by_name[name]) is None)
            modes = tuple(name for name in modes if mode_in_app_refusal(name) is None)
        return RunRequest(
            kernels=kernels,
            modes=modes,
            workers=self.workers,
            samples=self.samples,
            start_methods=self.start_methods,
            transports=self.transports,
            pythons=("",) if self.in_app else self.pythons,
            gils=(None,) if self.in_app else self.gils,
            repeat=self.repeat,
            until_stable=None if self.in_app else self.until_stable,
            force=force,
            in_app=self.in_app,
        )


def kernel_in_app_refusal(kernel: Kernel) -> str | None:
    """Return why a kernel cannot run inside the app; None where it can."""
    if kernel.own is not None:
        return "a function of your own runs only in a separate host, where it can do no harm"
    return f"inside the app only pure Python runs; {', '.join(kernel.needs)} is not loaded" if kernel.needs else None


def mode_in_app_refusal(name: str) -> str | None:
    """Return why a mode cannot run inside the app; None where it can."""
    return None if name == IN_APP_MODE else f"inside the app only the mode {IN_APP_MODE} runs"


def list_worker_presets(usable_cores: int) -> tuple[int, ...]:
    """Return 1, 2, 4, ... up to four workers per usable core, and the number of cores itself."""
    counts = {usable_cores, 4 * usable_cores}
    count = 1
    while count <= 4 * usable_cores:
        counts.add(count)
        count *= 2
    return tuple(sorted(counts))


def toggle(values: tuple[T, ...], value: T, order: Sequence[T]) -> tuple[T, ...]:
    """Return `values` with `value` added or removed, in the order of `order`."""
    chosen = set(values) ^ {value}
    return tuple(each for each in order if each in chosen)


def cycle_start_methods(now: tuple[StartMethod, ...]) -> tuple[StartMethod, ...]:
    """Return the next choice: each start method alone, then all of them, then the first again."""
    return _cycle(now, START_METHODS)


def cycle_transports(now: tuple[Transport, ...]) -> tuple[Transport, ...]:
    """Return the next choice: each transport alone, then all of them, then the first again."""
    return _cycle(now, TRANSPORTS)


def _cycle(now: tuple[T, ...], choices: tuple[T, ...]) -> tuple[T, ...]:
    rounds = [*((each,) for each in choices), choices]
    return rounds[(rounds.index(now) + 1) % len(rounds)] if now in rounds else rounds[0]


class GilView(NamedTuple):
    """The GIL of a selection in a few words, and whether it can be changed."""

    state: str
    changeable: bool


def describe_gil(selection: Selection, interpreter: Interpreter) -> GilView:
    """Describe the GIL of the selected kernels on an interpreter; inside the app, it is the app's GIL."""
    if selection.in_app:
        return GilView(f"{_on_or_off(interpreter)}, the app's own", False)
    if interpreter.free_threaded_build:
        asked = selection.gils[0] if selection.gils else None
        on = interpreter.gil_enabled if asked is None else asked
        return GilView("on" if on else "off", True)
    twins = find_twins(selection)
    if not twins:
        return GilView("on, always", False)
    if any(selection.kernels_by_name[name].twin in selection.kernels for name in twins):
        return GilView("held and released", False)
    released = all(selection.kernels_by_name[name].holds_gil is False for name in twins)
    return GilView("released" if released else f"held by {', '.join(twins)}", True)


def _on_or_off(interpreter: Interpreter) -> str:
    return "on" if interpreter.gil_enabled else "off"


def find_twins(selection: Selection) -> tuple[str, ...]:
    """Return the selected kernels that have a twin, which is the same kernel with the other setting of the GIL."""
    return tuple(name for name in selection.kernels if selection.kernels_by_name[name].twin)


def toggle_gil(
    selection: Selection, interpreter: Interpreter, others: Sequence[Interpreter] = ()
) -> tuple[Selection, str]:
    """Return the selection with the other setting of the GIL, and a sentence that says what changed or why nothing did."""
    if selection.in_app:
        return (
            selection,
            f"Inside the app the GIL is the app's own: it is {_on_or_off(interpreter)} and cannot be changed.",
        )
    if interpreter.free_threaded_build:
        on = describe_gil(selection, interpreter).state == "on"
        # None is the build's default: "off" would be refused by the other selected interpreters, whose GIL is fixed
        wanted = None if len(selection.pythons) > 1 and interpreter.gil_enabled is not on else not on
        return replace(selection, gils=(wanted,)), f"The GIL of {interpreter.id} is now {'off' if on else 'on'}."
    twins = find_twins(selection)
    if any(selection.kernels_by_name[name].twin in selection.kernels for name in twins):
        return selection, "Both settings are ticked: the next run compares them."
    if twins:
        swapped = {name: selection.kernels_by_name[name].twin or name for name in twins}
        chosen = {swapped.get(name, name) for name in selection.kernels}
        kernels = tuple(name for name in selection.kernels_by_name if name in chosen)
        return replace(selection, kernels=kernels), "; ".join(
            f"{old} became {new}" for old, new in swapped.items()
        ) + "."
    free = [other.id for other in others if other.free_threaded_build]
    could = f"{free[0]} on this machine could (p)" if free else "a free-threaded interpreter (3.13t, 3.14t) could"
    named = ", ".join(selection.kernels) or "nothing"
    return (
        selection,
        f"{named}: CPython {interpreter.version} always has its GIL; {could} run without it. Or tick numba.",
    )


def shorten_options(names: Sequence[str], choices: Sequence[str]) -> str:
    """Return the chosen names in short, or "all" where all are chosen."""
    if len(names) > 1 and len(names) == len(choices):
        return "all"
    return ",".join("shm" if name == "shared-memory" else name for name in names)


def list_mode_options(name: str, selection: Selection) -> tuple[str, ...]:
    """Return a mode's start method and transport as they are shown beside its name, where it has them."""
    mode = MODES[name]
    options = []
    if mode.has_start_methods:
        options.append(shorten_options(selection.start_methods, START_METHODS))
    if mode.has_transports:
        options.append(shorten_options(selection.transports, TRANSPORTS))
    return tuple(options)
