"""`pi-tui doctor`: the properties of this machine that affect a measurement."""

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
"""Below this share of ticks on time, lanes have visible gaps."""

_LANE_CHECK_SAMPLES = 200_000
_PTRACE_SCOPE_PATH = Path("/proc/sys/kernel/yama/ptrace_scope")

_PTRACE_SCOPES = {
    "0": ("every process of the same user may be inspected", ""),
    "1": ("only descendants may be inspected, as workers are", ""),
    "2": ("only administrators may inspect processes", "others see only whether a worker runs"),
    "3": ("nobody may inspect processes", "lanes show only whether a worker runs"),
}

_CERTAINTIES = {
    "system call": ("the system call that blocks a worker: GIL, other lock, sleep and I/O are distinguished", ""),
    "state": ("only the scheduler's state", "what a worker waits for stays unknown"),
    "none": ("nothing", "what a worker waits for stays unknown, and there are no lanes"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One finding.

    Attributes:
        about: the property, such as "cores".
        found: its value.
        remark: the limitation that this value puts on a measurement; "" if there is none.
    """

    about: str
    found: str
    remark: str = ""


@click.command(epilog="Example: pi-tui doctor")
@click.option(
    "--format", type=click.Choice(["table", "json"]), default="table", show_default=True, help="Output format."
)
def doctor(format: Literal["table", "json"]) -> None:
    """Show what affects measurements on this machine: cores, Pythons, libraries, lanes."""
    found = {title: list(facts()) for title, facts in _PARTS.items()}
    if format == "json":
        click.echo(json.dumps({title: [asdict(fact) for fact in facts] for title, facts in found.items()}, indent=2))
        return
    for title, facts in found.items():
        terminal_text.print_line(title)
        rows = [(fact.about, f"{fact.found}  ({fact.remark})" if fact.remark else fact.found) for fact in facts]
        for line in terminal_text.align_columns(rows, indent="  "):
            terminal_text.print_line(line)


def _check_machine() -> Iterator[Fact]:
    from pi_tui.observe.meters.machine import read_machine

    machine = read_machine()
    physical = f", {machine.physical_cores} physical" if machine.physical_cores else ""
    few = "" if machine.usable_cores > 1 else "with one core nothing runs in parallel"
    yield Fact("system", machine.system)
    yield Fact("processor", machine.processor)
    yield Fact("cores", f"{machine.logical_cores} logical{physical}")
    held = "" if machine.affinity_cores == machine.logical_cores else "this process may use only some of the cores"
    yield Fact("affinity", f"{machine.affinity_cores} of {machine.logical_cores} cores", held)
    if machine.quota_cores is None:
        yield Fact("quota", "none")
    else:
        yield Fact("quota", f"{machine.quota_cores:g} cores", "the control group throttles use beyond that")
    yield Fact("usable", plural(machine.usable_cores, "core"), few)
    yield Fact(
        "memory", f"{machine.memory_bytes / _GIB:.1f} GiB, {machine.available_bytes / _GIB:.1f} GiB of it available"
    )
    if hasattr(os, "getloadavg"):
        load = os.getloadavg()[0]
        busy = load > 0.5 * machine.usable_cores
        yield Fact("load", f"{load:.2f}", "other programs are running: measurements will be noisier" if busy else "")


def _check_python() -> Iterator[Fact]:
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


def _check_other_pythons() -> Iterator[Fact]:
    """Yield the other interpreters that `--python all` would measure."""
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
        yield Fact("none", "found; --python accepts any path")


def _check_libraries() -> Iterator[Fact]:
    for name in _LIBRARIES:
        try:
            yield Fact(name, version(name))
        except PackageNotFoundError:
            yield Fact(name, "not found", "kernels that need it are unavailable")


def _check_terminal() -> Iterator[Fact]:
    streams = [name for name in ("stdin", "stdout", "stderr") if getattr(sys, name).isatty()]
    yield Fact("terminal", ", ".join(streams) or "none", "" if len(streams) == 3 else "the screen needs all three")
    size = shutil.get_terminal_size()
    small = "the screen needs 80x24 or more" if size.columns < 80 or size.lines < 24 else ""
    yield Fact("size", f"{size.columns}x{size.lines}", small)
    yield Fact("colours", _describe_colours(), "glyphs replace colours" if os.environ.get("NO_COLOR") else "")
    encoding = sys.stdout.encoding or "ascii"
    bare = terminal_text.make_encodable("█×π", encoding) != "█×π"
    yield Fact("encoding", encoding, "glyphs are replaced by ASCII" if bare else "")


def _describe_colours() -> str:
    if os.environ.get("NO_COLOR"):
        return "none: NO_COLOR is set"
    term = os.environ.get("TERM", "")
    if os.environ.get("COLORTERM", "").lower() in {"truecolor", "24bit"} or term.endswith("direct"):
        return "16 million"
    if "256" in term:
        return "256"
    return "16" if term and term != "dumb" else "unknown"


def _check_system() -> Iterator[Fact]:
    yield _check_readable(
        Path("/proc/thread-self/schedstat"), "run-queue delay", "queued time is unknown and counted as waiting"
    )
    yield Fact("shared memory", *_try_shared_memory())


def _check_readable(path: Path, about: str, otherwise: str) -> Fact:
    try:
        path.read_bytes()
    except OSError as error:
        return Fact(about, f"{path}: {(error.strerror or str(error)).lower()}", otherwise)
    return Fact(about, f"{path} is readable")


def _try_shared_memory() -> tuple[str, str]:
    """Return whether shared memory works, and a remark; tried by creating a block of one byte."""
    try:
        from multiprocessing.shared_memory import SharedMemory

        piece = SharedMemory(create=True, size=1)
        piece.close()
        piece.unlink()
    except (ImportError, OSError) as error:
        return f"unavailable: {error}", "transport shared-memory will fail"
    try:
        room = shutil.disk_usage("/dev/shm")
    except OSError:
        return "works", ""
    return f"works, {room.free / _GIB:.1f} GiB free", "" if room.free > _GIB // 16 else "little space"


def _check_lanes() -> Iterator[Fact]:
    """Run a short trial and yield what its lanes could see of the workers. Takes about a second."""
    from pi_tui.engine.errors import PiTuiError
    from pi_tui.observe.meters.machine import read_machine

    yield read_ptrace_scope(_PTRACE_SCOPE_PATH)
    try:
        final_lanes, gil_enabled = _watch_two_threads(read_machine())
    except PiTuiError as error:
        yield Fact("seen", f"not checked: {error}", "nothing can be measured")
    else:
        yield from judge_lanes(final_lanes, gil_enabled)


def judge_lanes(final_lanes: Sequence[LanesSeen], gil_enabled: bool) -> Iterator[Fact]:
    """Yield what the final lane messages of a trial of two pure Python threads show."""
    certainty = next((last.certainty for last in final_lanes if last.certainty != "none"), "none")
    yield Fact("seen", *_CERTAINTIES[certainty])
    made, missed = sum(last.made for last in final_lanes), sum(last.missed for last in final_lanes)
    if made:
        share = made / (made + missed)
        rate = f"{share * 1e9 / final_lanes[-1].period_ns:.0f} ticks per second, {share:.0%} of those due"
        yield Fact("rate", rate, "" if share >= _ENOUGH_TICKS else "the machine is busy: lanes have gaps")
    if not gil_enabled:
        yield Fact("GIL", "off: no thread waits for it")
    elif certainty == "system call":
        waited = sum(worker.gil for last in final_lanes for worker in last.ticks)
        if waited:
            yield Fact("GIL", "its address is known, and threads were seen waiting for it")
        else:
            yield Fact("GIL", "its address was not found", "waits for it count as waits for any lock")


def read_ptrace_scope(path: Path) -> Fact:
    """Return who may inspect another process's system calls, according to Linux's security module Yama."""
    about = "ptrace_scope"
    try:
        scope = path.read_text().strip()
    except OSError:
        return Fact(about, "none: the module Yama is not loaded")
    meaning, remark = _PTRACE_SCOPES.get(scope, ("unknown", ""))
    if hasattr(os, "geteuid") and os.geteuid() == 0 and scope == "2":
        remark = ""
    return Fact(about, f"{scope}: {meaning}", remark)


def _watch_two_threads(machine: Machine) -> tuple[list[LanesSeen], bool]:
    """Run one trial of two threads; return its final lane messages and whether the GIL was enabled.

    Raises:
        PiTuiError: the host cannot be started, or the trial failed.
    """
    from pi_tui.engine.errors import PiTuiError
    from pi_tui.engine.laboratory import Laboratory
    from pi_tui.engine.paths import Paths
    from pi_tui.engine.run.events import CaseFinished, LanesMoved
    from pi_tui.engine.run.request import RunRequest

    laboratory = Laboratory(machine, Paths.from_environment(os.environ), lanes_shown=True)
    final_lanes: list[LanesSeen] = []
    gil_enabled = True
    try:
        request = RunRequest(("python",), ("threads",), (2,), (_LANE_CHECK_SAMPLES,), warmup=0, repeat=1, force=True)
        for event in laboratory.run(laboratory.plan(request)):
            if isinstance(event, LanesMoved) and event.case.workers == 2 and event.lanes.ended:
                final_lanes.append(event.lanes)
            elif isinstance(event, CaseFinished):
                if event.result.error is not None:
                    raise PiTuiError(event.result.error.message)
                gil_enabled = event.result.gil_enabled is not False
    finally:
        laboratory.close()
    return final_lanes, gil_enabled


def _check_folders() -> Iterator[Fact]:
    from pi_tui.engine.paths import Paths

    paths = Paths.from_environment(os.environ)
    yield _check_folder("data", paths.data)
    yield _check_folder("cache", paths.cache)
    yield _check_folder("Numba's cache", paths.find_numba_cache(sys.executable))


def _check_folder(about: str, path: Path) -> Fact:
    """Return whether a folder can be written. It is created at first use, so its nearest existing parent is checked."""
    nearest = next((each for each in (path, *path.parents) if each.exists()), path)
    writable = nearest.is_dir() and os.access(nearest, os.W_OK)
    remark = "" if writable else f"{nearest} cannot be written; set PI_TUI_HOME to another folder"
    return Fact(about, str(path), remark)


_PARTS: dict[str, Callable[[], Iterator[Fact]]] = {
    "Machine": _check_machine,
    "Python": _check_python,
    "Other Pythons": _check_other_pythons,
    "Libraries": _check_libraries,
    "Terminal": _check_terminal,
    "System": _check_system,
    "Lanes": _check_lanes,
    "Folders": _check_folders,
}
