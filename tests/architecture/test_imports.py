"""What importing a room brings along, found out in a fresh interpreter: one test a promise."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import pi_tui

PACKAGE = Path(pi_tui.__file__).parent
THIRD_PARTY = ("textual", "rich", "numpy", "numba", "psutil", "click", "platformdirs")
HEAVY = ("textual", "rich", "numpy", "numba", "psutil", "multiprocessing", "asyncio", "sqlite3")

HERE = f"import sys; sys.path.insert(0, {str(PACKAGE.parent)!r})"
LIBRARY_KERNELS = {
    "pi_tui.host.kernels.numpy_arrays": {"numpy"},
    "pi_tui.host.kernels.numpy_sort": {"numpy"},
    "pi_tui.host.kernels.numba_loop": {"numpy", "numba"},
    "pi_tui.host.kernels.numpy_chunked": {"numpy"},
    "pi_tui.host.kernels.numba_simd": {"numpy", "numba"},
    "pi_tui.host.kernels.numba_parallel": {"numpy", "numba"},
}


def modules_in(room: str) -> list[str]:
    """The names of all modules of a room."""
    files = sorted((PACKAGE / room).rglob("*.py"))
    names = (".".join(("pi_tui", *file.relative_to(PACKAGE).with_suffix("").parts)) for file in files)
    return [name.removesuffix(".__init__") for name in names]


def loaded_by(code: str, *options: str) -> set[str]:
    """The modules that a fresh interpreter has loaded once it has run `code`."""
    show = "\nimport sys; print(*sys.modules, file=sys.__stdout__)"
    done = subprocess.run(
        [sys.executable, *options, "-c", code + show],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


def tops(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


def rooms(modules: set[str]) -> set[str]:
    return {".".join(name.split(".")[:2]) for name in modules if name.startswith("pi_tui.")}


def test_the_package_itself_costs_nothing() -> None:
    before = loaded_by("pass")
    assert loaded_by("import pi_tui") - before == {"pi_tui"}


@pytest.mark.parametrize("arguments", [[], ["--version"], ["--help"], ["run", "--help"], ["rnu"]])
def test_the_command_line_starts_light(arguments: list[str]) -> None:
    code = f"""
import contextlib, io
from pi_tui.cli import main
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    main({arguments!r})
"""
    assert not set(HEAVY) & loaded_by(code)


def test_the_measured_side_knows_only_the_standard_library() -> None:
    """Run where no site-packages are to be had: what imports there needs none. Kernels may need their own library."""
    apart = () if sys.version_info >= (3, 14) else ("pi_tui.host.modes.interpreters",)
    bare = [name for name in modules_in("host") if name not in (*LIBRARY_KERNELS, *apart)]
    bare = [name for name in bare if not name.endswith("__main__")]
    loaded = loaded_by(f"{HERE}; import {', '.join(bare)}", "-I", "-S")
    assert rooms(loaded) == {"pi_tui.host"}


@pytest.mark.parametrize(("module", "libraries"), LIBRARY_KERNELS.items())
def test_a_kernel_brings_its_own_library_and_no_other(module: str, libraries: set[str]) -> None:
    loaded = loaded_by(f"import {module}")
    assert rooms(loaded) == {"pi_tui.host"}
    assert set(THIRD_PARTY) & tops(loaded) == libraries


def test_the_observer_process_knows_only_the_standard_library() -> None:
    modules = ", ".join(
        f"pi_tui.observe.{name}" for name in ("process.observer", "process.cleanup", "proc.process_tree")
    )
    loaded = loaded_by(f"{HERE}; import {modules}", "-I", "-S")
    assert rooms(loaded) <= {"pi_tui.observe", "pi_tui.host"}


def test_analysis_knows_messages_and_catalogs_and_nothing_of_the_world() -> None:
    loaded = loaded_by(f"import {', '.join(modules_in('analysis'))}")
    ours = {name for name in loaded if name.startswith("pi_tui.") and not name.startswith("pi_tui.analysis")}
    assert ours <= {
        "pi_tui.host",
        "pi_tui.host.protocol",
        "pi_tui.host.core_account",
        "pi_tui.host.dataclass_codec",
        "pi_tui.host.lane_types",
        "pi_tui.host.watch_protocol",
        "pi_tui.host.kernels",
        "pi_tui.host.kernels.catalog",
        "pi_tui.host.modes",
        "pi_tui.host.modes.catalog",
    }
    assert not set(THIRD_PARTY) & tops(loaded)


def test_charts_know_analysis_and_nothing_of_the_world() -> None:
    loaded = loaded_by(f"import {', '.join(modules_in('charts'))}")
    assert rooms(loaded) == {"pi_tui.charts", "pi_tui.analysis", "pi_tui.host"}
    assert not {*THIRD_PARTY, "resvg_py"} & tops(loaded)


@pytest.mark.parametrize("room", ["charts", "engine", "storage"])
def test_what_lies_below_the_front_ends_brings_no_library_and_no_front_end(room: str) -> None:
    loaded = loaded_by(f"import {', '.join(modules_in(room))}")
    assert not set(THIRD_PARTY) & tops(loaded)
    assert not {"pi_tui.ui", "pi_tui.cli"} & loaded


def test_the_state_of_the_screen_brings_neither_textual_nor_rich() -> None:
    loaded = loaded_by(f"import {', '.join(modules_in('ui/state'))}")
    assert not {"textual", "rich"} & tops(loaded)


def test_opening_the_laboratory_imports_neither_numpy_nor_numba() -> None:
    loaded = loaded_by("import pi_tui.ui.app")
    assert "textual" in loaded
    assert not {"numpy", "numba", "sqlite3"} & tops(loaded)
    assert "pi_tui.cli" not in loaded


def test_the_first_frame_needs_no_results_no_messages_and_no_engine() -> None:
    """Dozens of dataclasses are made on their import: they come once the frame stands."""
    code = """
from pi_tui.cli.entry_point import main
from pi_tui.ui.app import LaboratoryApp
from pi_tui.ui.adapters import make_ports
class Opened(LaboratoryApp):
    async def _settle(self):  # called once the first frame stands
        self.exit()
Opened(make_ports()).run(headless=True)
"""
    loaded = loaded_by(code)
    assert {"pi_tui.ui.bench.screen", "pi_tui.analysis.machine", "psutil"} <= loaded
    late = {"pi_tui.analysis.results", "pi_tui.host.protocol", "pi_tui.charts.chart", "pi_tui.engine.laboratory"}
    assert not late & loaded
    assert not {"numpy", "numba", "sqlite3", "multiprocessing"} & tops(loaded)


def test_only_observe_imports_psutil() -> None:
    users = {file.relative_to(PACKAGE).parts[0] for file in PACKAGE.rglob("*.py") if "psutil" in imported_by(file)}
    assert users == {"observe"}


def test_only_the_screen_imports_textual_and_rich() -> None:
    for file in PACKAGE.rglob("*.py"):
        if {"textual", "rich"} & imported_by(file):
            assert file.relative_to(PACKAGE).parts[0] == "ui", file


def imported_by(file: Path) -> set[str]:
    """The top packages that a file imports anywhere, in a function too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found
