"""`pi-tui doctor`: what of this machine matters to a measurement."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from pi_tui.analysis.text.formatting import plural
from pi_tui.cli import terminal_text

if TYPE_CHECKING:
    from pi_tui.analysis.results import Machine
    from pi_tui.host.protocol import LanesSeen

_LIBRARIES = ("textual", "numpy", "numba", "psutil", "click", "platformdirs")
_GIB = 1 << 30
_ENOUGH_TICKS = 0.95
"""The share of ticks that are to come in time."""

_LANE_CHECK_SAMPLES = 200_000
_PTRACE_SCOPE_PATH = Path("/proc/sys/kernel/yama/ptrace_scope")

_PTRACE_SCOPES = {
    "0": ("every process of the same person may be looked at", ""),
    "1": ("descendants alone may be looked at, as workers are", ""),
    "2": ("administrators alone may look", "others see no more than whether a worker runs"),
    "3": ("nobody may look", "no more is seen than whether a worker runs"),
}

_CERTAINTIES = {
    "system call": ("the system call that a worker is blocked in: GIL, other lock, sleep and I/O are told apart", ""),
    "state": ("the scheduler's state alone", "what a worker waits for stays unknown"),
    "none": ("nothing", "what a worker waits for stays unknown, and there are no lanes"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One finding.

    Attributes:
        about: what it is about.
        found: what was found.
        remark: what that means for a measurement, where it takes something away; "" where all is well.
    """

    about: str
    found: str
    remark: str = ""


@click.command(epilog="Example: pi-tui doctor")
@click.option(
    "--format", type=click.Choice(["table", "json"]), default="table", show_default=True, help="How it is printed."
)
def doctor(format: Literal["table", "json"]) -> None:
    """Tell what this machine has that matters here."""
    found = {title: list(facts()) for title, facts in _PARTS.items()}
    if format == "json":
        click.echo(json.dumps({title: [asdict(fact) for fact in facts] for title, facts in found.items()}, indent=2))
        return
    for title, facts in found.items():
        terminal_text.print_line(title)
        rows = [(fact.about, f"{fact.found}  ({fact.remark})" if fact.remark else fact.found) for fact in facts]
        for line in terminal_text.align_columns(rows, indent="  "):
            terminal_text.print_line(line)


def _machine() -> Iterator[Fact]:
    from pi_tui.observe.meters.machine import read_machine

    machine = read_machine()
    physical = f", {machine.physical_cores} physical" if machine.physical_cores else ""
    few = "" if machine.usable_cores > 1 else "nothing can run at once on one core"
    yield Fact("system", machine.system)
    yield Fact("processor", machine.processor)
    yield Fact("cores", f"{machine.logical_cores} logical{physical}")
    held = "" if machine.affinity_cores == machine.logical_cores else "this process is held to some of the cores"
    yield Fact("affinity", f"{machine.affinity_cores} of {machine.logical_cores} cores", held)
    if machine.quota_cores is None:
        yield Fact("quota", "none")
    else:
        yield Fact("quota", f"{machine.quota_cores:g} cores", "the control group throttles what goes beyond")
    yield Fact("usable", plural(machine.usable_cores, "core"), few)
    yield Fact(
        "memory", f"{machine.memory_bytes / _GIB:.1f} GiB, {machine.available_bytes / _GIB:.1f} GiB of it available"
    )
    if hasattr(os, "getloadavg"):
        load = os.getloadavg()[0]
        busy = load > 0.5 * machine.usable_cores
        yield Fact("load", f"{load:.2f}", "other programs are at work: figures will be worse for it" if busy else "")


def _python() -> Iterator[Fact]:
    import platform
    import sysconfig

    free_threaded = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
    enabled: Callable[[], bool] | None = getattr(sys, "_is_gil_enabled", None)
    on = enabled is None or enabled()
    yield Fact("interpreter", f"{platform.python_implementation()} {platform.python_version()}")
    yield Fact("path", sys.executable)
    yield Fact("build", "free-threaded" if free_threaded else "with the GIL")
    yield Fact("GIL", "on" if on else "off")
    yield Fact("switch interval", f"{sys.getswitchinterval() * 1e3:g} ms")


def _other_pythons() -> Iterator[Fact]:
    """What `--python all` would measure with besides this one."""
    from pi_tui.engine.interpreters.interpreter_list import survey_interpreters
    from pi_tui.engine.paths import Paths

    found = survey_interpreters(Paths.from_environment(os.environ).cache)
    others = found.interpreters[1:]
    for other in others:
        lacks = [name for name in ("numpy", "numba") if name not in other.packages]
        yield Fact(other.id, other.path, f"without {' and '.join(lacks)}" if lacks else "")
    for useless in found.unusable:
        yield Fact("unusable", useless.path, useless.reason)
    if not others:
        yield Fact("none", "found; --python takes any path")


def _libraries() -> Iterator[Fact]:
    for name in _LIBRARIES:
        try:
            yield Fact(name, version(name))
        except PackageNotFoundError:
            yield Fact(name, "not found", "kernels that need it are unavailable")


def _terminal() -> Iterator[Fact]:
    streams = [name for name in ("stdin", "stdout", "stderr") if getattr(sys, name).isatty()]
    yield Fact("terminal", ", ".join(streams) or "none", "" if len(streams) == 3 else "the screen needs all three")
    size = shutil.get_terminal_size()
    small = "the screen wants 80x24 or more" if size.columns < 80 or size.lines < 24 else ""
    yield Fact("size", f"{size.columns}x{size.lines}", small)
    yield Fact("colours", _colours(), "glyphs tell what colours would" if os.environ.get("NO_COLOR") else "")
    encoding = sys.stdout.encoding or "ascii"
    bare = terminal_text.make_encodable("█×π", encoding) != "█×π"
    yield Fact("encoding", encoding, "glyphs are spelt out" if bare else "")


def _colours() -> str:
    if os.environ.get("NO_COLOR"):
        return "none: NO_COLOR is set"
    term = os.environ.get("TERM", "")
    if os.environ.get("COLORTERM", "").lower() in {"truecolor", "24bit"} or term.endswith("direct"):
        return "16 million"
    if "256" in term:
        return "256"
    return "16" if term and term != "dumb" else "unknown"


def _system() -> Iterator[Fact]:
    yield _check_readable(
        Path("/proc/thread-self/schedstat"), "run-queue delay", "queued time is unknown and counted as waiting"
    )
    yield Fact("shared memory", *_shared_memory())


def _check_readable(path: Path, about: str, otherwise: str) -> Fact:
    try:
        path.read_bytes()
    except OSError as error:
        return Fact(about, f"{path}: {(error.strerror or str(error)).lower()}", otherwise)
    return Fact(about, f"{path} is readable")


def _shared_memory() -> tuple[str, str]:
    """Make a piece, take it away again."""
    try:
        from multiprocessing.shared_memory import SharedMemory

        piece = SharedMemory(create=True, size=1)
        piece.close()
        piece.unlink()
    except (ImportError, OSError) as error:
        return f"not to be had: {error}", "transport shared-memory will fail"
    try:
        room = shutil.disk_usage("/dev/shm")
    except OSError:
        return "works", ""
    return f"works, {room.free / _GIB:.1f} GiB free", "" if room.free > _GIB // 16 else "little room"


def _lanes() -> Iterator[Fact]:
    from pi_tui.observe.meters.machine import read_machine

    yield from check_lanes(read_machine())


def check_lanes(machine: Machine) -> Iterator[Fact]:
    """What a run on this machine would see of its workers. Takes about a second."""
    from pi_tui.engine.errors import PiTuiError

    yield read_ptrace_scope(_PTRACE_SCOPE_PATH)
    try:
        seen, gil_enabled = _watch_two_threads(machine)
    except PiTuiError as error:
        yield Fact("seen", f"not checked: {error}", "nothing can be measured")
    else:
        yield from judge_lanes(seen, gil_enabled)


def judge_lanes(seen: Sequence[LanesSeen], gil_enabled: bool) -> Iterator[Fact]:
    """What the last words on two threads of pure Python tell."""
    certainty = next((last.certainty for last in seen if last.certainty != "none"), "none")
    yield Fact("seen", *_CERTAINTIES[certainty])
    made, missed = sum(last.made for last in seen), sum(last.missed for last in seen)
    if made:
        share = made / (made + missed)
        rate = f"{share * 1e9 / seen[-1].period_ns:.0f} ticks a second, {share:.0%} of those due"
        yield Fact("rate", rate, "" if share >= _ENOUGH_TICKS else "the machine is busy: lanes have gaps")
    if not gil_enabled:
        yield Fact("GIL", "off: nobody waits for it")
    elif certainty == "system call":
        waited = sum(worker.gil for last in seen for worker in last.ticks)
        if waited:
            yield Fact("GIL", "its place in memory is known, and threads were seen waiting there")
        else:
            yield Fact("GIL", "its place in memory was not found", "waits for it count as those for any lock")


def read_ptrace_scope(path: Path) -> Fact:
    """Whom Linux lets look at a process's system calls, where its module Yama decides."""
    about = "ptrace_scope"
    try:
        scope = path.read_text().strip()
    except OSError:
        return Fact(about, "none: no module Yama")
    meaning, remark = _PTRACE_SCOPES.get(scope, ("unknown", ""))
    if hasattr(os, "geteuid") and os.geteuid() == 0 and scope == "2":
        remark = ""
    return Fact(about, f"{scope}: {meaning}", remark)


def _watch_two_threads(machine: Machine) -> tuple[list[LanesSeen], bool]:
    """The last words on the lanes of one trial of two threads, and whether they had a GIL to wait for.

    Raises:
        PiTuiError: no host comes up, or its trial fails.
    """
    from pi_tui.engine.errors import PiTuiError
    from pi_tui.engine.laboratory import Laboratory
    from pi_tui.engine.paths import Paths
    from pi_tui.engine.run.events import CaseFinished, LanesMoved
    from pi_tui.engine.run.request import RunRequest

    laboratory = Laboratory(machine, Paths.from_environment(os.environ), lanes_shown=True)
    seen: list[LanesSeen] = []
    gil_enabled = True
    try:
        request = RunRequest(("python",), ("threads",), (2,), (_LANE_CHECK_SAMPLES,), warmup=0, repeat=1, force=True)
        for event in laboratory.run(laboratory.plan(request)):
            if isinstance(event, LanesMoved) and event.case.workers == 2 and event.lanes.ended:
                seen.append(event.lanes)
            elif isinstance(event, CaseFinished):
                if event.result.error is not None:
                    raise PiTuiError(event.result.error.message)
                gil_enabled = event.result.gil_enabled is not False
    finally:
        laboratory.close()
    return seen, gil_enabled


def _folders() -> Iterator[Fact]:
    from pi_tui.engine.paths import Paths

    paths = Paths.from_environment(os.environ)
    yield _folder("data", paths.data)
    yield _folder("cache", paths.cache)
    yield _folder("Numba's cache", paths.find_numba_cache(sys.executable))


def _folder(about: str, path: Path) -> Fact:
    """A folder, which is made when it is first needed: what counts is whether the nearest one above can be written."""
    there = next((each for each in (path, *path.parents) if each.exists()), path)
    writable = there.is_dir() and os.access(there, os.W_OK)
    return Fact(about, str(path), "" if writable else f"{there} cannot be written; PI_TUI_HOME names another place")


_PARTS: dict[str, Callable[[], Iterator[Fact]]] = {
    "Machine": _machine,
    "Python": _python,
    "Other Pythons": _other_pythons,
    "Libraries": _libraries,
    "Terminal": _terminal,
    "System": _system,
    "Lanes": _lanes,
    "Folders": _folders,
}
