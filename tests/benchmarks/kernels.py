"""How fast the kernels are: samples per CPU second, alternately with a first lesson's kernels and with C."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from pi_tui.engine.hosts.host_command import NUMBA_THREADS_VARIABLE, SINGLE_THREAD_VARIABLES
from pi_tui.host.kernels.catalog import KERNELS, Kernel
from pi_tui.host.seeds import derive_task_seeds
from pi_tui.observe.meters.machine import read_machine
from tests.benchmarks.figures import Figure, at_least, compare_pairs, measure_alternately, report
from tests.benchmarks.line_program import Ask, start_line_program

PAIRS = 9
SECONDS = 0.12
"""The approximate time of one call, by the catalog's estimate of its rate."""

SEED = derive_task_seeds(2026, 0, 1)[0]
LESSON = "tests.benchmarks.bare.lesson"
LESSON_NUMBA = Kernel("lesson's numba", "", LESSON, "looped", typical_samples_per_s=8e7)
LESSON_NUMPY = Kernel("lesson's numpy", "", LESSON, "arrays", typical_samples_per_s=7e7)
LIMITS = {("numba-simd", "C"): 0.9, ("numba-simd", LESSON_NUMBA.name): 30.0}
SAME_DARTS = ("numba-simd", "numba-parallel")
"""Kernels that count the same points as the C program."""

Rate = Callable[[int], float]
"""Measures once: samples per CPU second."""


def figures(pairs: int = PAIRS) -> Iterator[Figure]:
    """Yield a rate for each kernel, then a ratio for each comparison."""
    environment = dict.fromkeys(SINGLE_THREAD_VARIABLES, "1")
    environment |= {NUMBA_THREADS_VARIABLE: str(read_machine().usable_cores), "OMP_WAIT_POLICY": "PASSIVE"}
    with ExitStack() as programs:
        python = programs.enter_context(
            start_line_program([sys.executable, "-m", "tests.benchmarks.bare.speeds"], environment)
        )
        references: dict[str, Rate] = {
            each.name: partial(_python_rate, python, each) for each in (LESSON_NUMBA, LESSON_NUMPY)
        }
        folder = Path(programs.enter_context(tempfile.TemporaryDirectory()))
        if (program := compile_c_program(folder)) is not None:
            c = programs.enter_context(start_line_program([str(program)]))
            _check_same_darts(python, c)
            references["C"] = partial(_c_rate, c)
        else:
            print("No C compiler was found, so nothing is compared with C.", file=sys.stderr)
        for kernel in KERNELS.values():
            yield from _measure_kernel(kernel, partial(_python_rate, python, kernel), references, pairs)


def _measure_kernel(kernel: Kernel, rate: Rate, references: dict[str, Rate], pairs: int) -> Iterator[Figure]:
    rates: list[float] = []
    ratios = []
    for name in _list_references(kernel):
        if name in references:
            ours, theirs = measure_alternately(pairs, rate, references[name])
            found = compare_pairs(ours, theirs)
            rates += ours
            about = f"samples per second and core, {kernel.name} / {name}"
            limit = LIMITS.get((kernel.name, name))
            ratios.append(
                report(about, found["ratio"], "{:.2f} x", **found)
                if limit is None
                else at_least(about, found["ratio"], limit, "{:.2f} x", **found)
            )
    yield report(f"samples per second and core, {kernel.name}", statistics.median(rates) / 1e6, "{:.1f} million")
    yield from ratios


def _list_references(kernel: Kernel) -> tuple[str, ...]:
    """Choose the references of a kernel: the lesson's loop for all, its arrays for array kernels, C for kernels with its
    points."""
    return (
        LESSON_NUMBA.name,
        *((LESSON_NUMPY.name,) if "numpy" in kernel.needs else ()),
        *(("C",) if kernel.name in SAME_DARTS else ()),
    )


def compile_c_program(folder: Path) -> Path | None:
    """Compile the C program for this processor; None without a compiler."""
    compiler = next(filter(None, map(shutil.which, ("gcc", "cc", "clang"))), None)
    if compiler is None:
        return None
    source, program = Path(__file__).parent / "bare" / "darts.c", folder / "darts"
    subprocess.run([compiler, "-O3", "-march=native", str(source), "-o", str(program)], check=True)
    return program


def _samples(kernel: Kernel) -> int:
    return int(kernel.typical_samples_per_s * SECONDS)


def _python_rate(ask: Ask, kernel: Kernel, _pair: int = 0) -> float:
    samples = _samples(kernel)
    seed = "-" if kernel.module == LESSON else SEED
    cpu_s, _ = ask(kernel.module, kernel.function, samples, seed)
    return samples / float(cpu_s)


def _c_rate(ask: Ask, _pair: int = 0) -> float:
    samples = _samples(KERNELS["numba-simd"])
    cpu_s, _ = ask(samples, SEED)
    return samples / float(cpu_s)


def _check_same_darts(python: Ask, c: Ask) -> None:
    """Raise RuntimeError if C and the kernels do not count the same points: different algorithms are not comparable."""
    samples = 1_234_567
    _, hits = c(samples, SEED)
    for name in SAME_DARTS:
        kernel = KERNELS[name]
        _, ours = python(kernel.module, kernel.function, samples, SEED)
        if ours != hits:
            raise RuntimeError(f"{name} counted {ours} hits, C {hits}")
