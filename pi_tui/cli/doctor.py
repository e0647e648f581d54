"""`pi-tui doctor`: what of this machine matters to a measurement."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

import click

from pi_tui.analysis.text.formatting import plural
from pi_tui.cli import terminal_text
from pi_tui.cli.facts import Fact

_LIBRARIES = ("textual", "numpy", "numba", "psutil", "click", "platformdirs")
_GIB = 1 << 30


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
        terminal_text.say(title)
        rows = [(fact.about, f"{fact.found}  ({fact.remark})" if fact.remark else fact.found) for fact in facts]
        for line in terminal_text.columns(rows, indent="  "):
            terminal_text.say(line)


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
    bare = terminal_text.plain("█×π", encoding) != "█×π"
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


def _counters() -> Iterator[Fact]:
    yield _readable(
        Path("/proc/thread-self/schedstat"), "run-queue delay", "queued time is unknown and counted as waiting"
    )
    yield Fact("shared memory", *_shared_memory())


def _readable(path: Path, about: str, otherwise: str) -> Fact:
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
    from pi_tui.cli.lanes_check import lanes_facts
    from pi_tui.observe.meters.machine import read_machine

    yield from lanes_facts(read_machine())


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
    "System": _counters,
    "Lanes": _lanes,
    "Folders": _folders,
}
