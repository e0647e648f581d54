"""What a selection would run: the laboratory's plan, or why there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pi_tui.engine.errors import UsageError
from pi_tui.host.kernels.catalog import KERNELS
from pi_tui.host.modes.catalog import MODES
from pi_tui.ui.state.ports import Laboratory
from pi_tui.ui.state.row_summary import make_sentence
from pi_tui.ui.state.selection import Selection, kernel_in_app_refusal, mode_in_app_refusal

if TYPE_CHECKING:
    from pi_tui.analysis.results import Interpreter
    from pi_tui.engine.run.plan import Plan
    from pi_tui.engine.run.request import RunRequest

PROBE_SAMPLES = 1000

Pair = tuple[str, str]
Setting = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class RunPreview:
    """What is known about a selection before it runs.

    Attributes:
        plan: what would run; None where it was refused.
        refused: why it was refused, in one sentence.
        forced: the plan with `--force`; None where that is refused as well.
        unavailable: combinations of kernel and mode that cannot run, with the reason.
        app_interpreter: the interpreter of the app.
        known: the laboratory was asked; False before that.
    """

    selection: Selection
    plan: Plan | None = None
    refused: str = ""
    forced: Plan | None = None
    unavailable: Mapping[Pair, str] = field(default_factory=dict)
    app_interpreter: Interpreter | None = None
    known: bool = True

    @property
    def interpreter(self) -> Interpreter | None:
        """The first interpreter that it would run on; the app's where that is unknown."""
        return next(iter(self.interpreters), self.app_interpreter)

    @property
    def interpreters(self) -> tuple[Interpreter, ...]:
        """All interpreters that it would run on; none where they are unknown."""
        plan = self.plan or self.forced
        return plan.interpreters if plan else ()

    @property
    def free_threaded(self) -> Interpreter | None:
        """The first interpreter whose GIL can be set; where there is none, the first of all."""
        return next((each for each in self.interpreters if each.free_threaded_build), self.interpreter)

    @property
    def needs_confirmation(self) -> bool:
        """Whether the run needs a confirmation, as it is refused for its size alone."""
        return self.plan is None and self.forced is not None and bool(self.forced.cases)

    @property
    def can_run(self) -> bool:
        """Whether there is a plan with at least one case."""
        return self.plan is not None and bool(self.plan.cases)

    def kernel_refusal(self, kernel: str) -> str:
        """Return why a kernel cannot run with any of the ticked modes; empty where it can."""
        if self.selection.in_app and (reason := kernel_in_app_refusal(self.selection.kernels_by_name[kernel])):
            return reason
        return self._shared_refusal([(kernel, mode) for mode in self.selection.modes or MODES])

    def mode_refusal(self, mode: str) -> str:
        """Return why a mode cannot run with any of the ticked kernels; empty where it can."""
        if self.selection.in_app and (reason := mode_in_app_refusal(mode)):
            return reason
        return self._shared_refusal(
            [(kernel, mode) for kernel in self.selection.kernels or self.selection.kernels_by_name]
        )

    def _shared_refusal(self, pairs: list[Pair]) -> str:
        reasons = [self.unavailable.get(pair, "") for pair in pairs]
        return reasons[0] if reasons and all(reasons) else ""


class RunPreviewer:
    """Asks the laboratory what selections would run; may be called from any thread."""

    def __init__(self, laboratory: Laboratory, app_interpreter: Callable[[], Interpreter]) -> None:
        self._laboratory = laboratory
        self._read_app_interpreter = app_interpreter
        self._unavailable: dict[Setting, Mapping[Pair, str]] = {}

    def preview(self, selection: Selection) -> RunPreview:
        """Return the preview of a selection."""
        unavailable, app_interpreter = self._unavailable_pairs(selection), self._read_app_interpreter()
        if missing := _find_missing_choice(selection):
            return RunPreview(selection, refused=missing, unavailable=unavailable, app_interpreter=app_interpreter)
        try:
            return RunPreview(
                selection,
                self._laboratory.plan(selection.request()),
                unavailable=unavailable,
                app_interpreter=app_interpreter,
            )
        except UsageError as error:
            refused = _format_refusal(str(error).split(": use --force")[0], selection)
        try:
            forced = self._laboratory.plan(selection.request(force=True))
        except UsageError:
            forced = None
        return RunPreview(
            selection, refused=refused, forced=forced, unavailable=unavailable, app_interpreter=app_interpreter
        )

    def _unavailable_pairs(self, selection: Selection) -> Mapping[Pair, str]:
        user_kernels = tuple(each for each in selection.kernels if each not in KERNELS)
        key = (
            selection.in_app,
            selection.pythons,
            selection.gils,
            selection.start_methods,
            selection.transports,
            user_kernels,
        )
        if key not in self._unavailable:
            self._unavailable[key] = self._probe(selection)
        return self._unavailable[key]

    def _probe(self, selection: Selection) -> Mapping[Pair, str]:
        everything: RunRequest = replace(
            selection.request(force=True),
            kernels=(*KERNELS, *(each for each in selection.kernels if each not in KERNELS)),
            modes=tuple(MODES),
            workers=(1,),
            samples=(PROBE_SAMPLES,),
            in_app=False,  # what cannot run inside the app has its own sentences
        )
        try:
            plan = self._laboratory.plan(everything)
        except UsageError:
            return {}
        asked = [case for case in plan.cases if case not in plan.added]
        able = {(case.kernel, case.mode) for case in asked}
        reasons = {(each.case.kernel, each.case.mode): each.reason for each in plan.unavailable}
        return {pair: reason for pair, reason in reasons.items() if pair not in able}


def _format_refusal(words: str, selection: Selection) -> str:
    """Make a sentence of a refusal; a kernel's name at its beginning is not capitalized."""
    named = words.partition(" ")[0] in selection.kernels_by_name
    return f"{words}." if named else make_sentence(words)


def _find_missing_choice(selection: Selection) -> str:
    request = selection.request()
    for what, given in (("kernel", request.kernels), ("mode", request.modes)):
        if not given:
            return f"Tick a {what} that runs inside the app." if selection.in_app else f"Tick a {what} to run."
    if not selection.samples:
        return "Tick a number of samples."
    if not selection.workers:
        return "Tick a number of workers."
    return ""
