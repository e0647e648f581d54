"""The fast kernels: their darts are uniform, independent between tasks, and hit as often as pi predicts."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy
import pytest

from pi_tui.host.kernels.catalog import KERNELS, load_kernel
from pi_tui.host.seeds import derive_task_seeds

numba = pytest.importorskip("numba")

FAST = [name for name in ("numpy-chunked", "numba-parallel", "numba-simd") if name in KERNELS]
SHARE = math.pi / 4.0
LIMIT = 4.5
"""Standard deviations that chance exceeds in one of 150 000 tests. The seeds are fixed."""
MASK = (1 << 64) - 1


def kernel(name: str) -> Callable[[int, int], int]:
    return load_kernel(KERNELS[name].module, KERNELS[name].function)


def words(seed: int, samples: int) -> numpy.ndarray:
    """Compute the words of numba-simd's darts with NumPy: SplitMix64 as published, at the counters of a seed."""
    start = (seed << 32 | seed >> 32) & MASK
    with numpy.errstate(over="ignore"):
        counters = numpy.uint64(start) + numpy.arange(samples, dtype=numpy.uint64)
        word = counters * numpy.uint64(0x9E3779B97F4A7C15)
        word = (word ^ (word >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        word = (word ^ (word >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        return word ^ (word >> numpy.uint64(31))


def coordinates(seed: int, samples: int) -> tuple[numpy.ndarray, numpy.ndarray]:
    found = words(seed, samples)
    return found >> numpy.uint64(33), found & numpy.uint64((1 << 31) - 1)


def chi_square(first: numpy.ndarray, second: numpy.ndarray, cells: int) -> float:
    """Return the deviation of a grid's chi-square in standard deviations, for two arrays of integers below 2**31."""
    shift = numpy.uint64(31 - int(math.log2(cells)))
    place = (first >> shift) * numpy.uint64(cells) + (second >> shift)
    counts = numpy.bincount(place.astype(numpy.int64), minlength=cells * cells)
    expected = len(first) / cells**2
    value = float(((counts - expected) ** 2).sum() / expected)
    freedom = cells**2 - 1
    return (value - freedom) / math.sqrt(2.0 * freedom)


def test_splitmix64_gives_the_published_words() -> None:
    # The first words from state 0; the generator advances its state before it makes a word.
    assert [int(word) for word in words(0, 4)[1:]] == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]


@pytest.mark.parametrize("seed", [0, 1, (1 << 63) - 1, *derive_task_seeds(2026, 3, 2)])
def test_simd_counts_the_darts_of_its_counters(seed: int) -> None:
    x, y = coordinates(seed, 100_003)
    hits = int(numpy.count_nonzero((x * x + y * y) >> numpy.uint64(62) == 0))
    assert kernel("numba-simd")(100_003, seed) == hits


@pytest.mark.parametrize("samples", [0, 1, 1000, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5_000_001])
def test_parallel_counts_the_same_darts_as_simd(samples: int) -> None:
    seed = derive_task_seeds(7, 0, 1)[0]
    assert kernel("numba-parallel")(samples, seed) == kernel("numba-simd")(samples, seed)


@pytest.mark.parametrize("samples", [0, 1, (1 << 15) - 1, 1 << 15, (1 << 15) + 1, 100_000])
def test_the_last_chunk_counts_only_the_remaining_darts(samples: int) -> None:
    generator = numpy.random.Generator(numpy.random.SFC64(11))
    hits, left = 0, samples
    while left > 0:
        x, y = generator.random((2, 1 << 15))
        hits += int(numpy.count_nonzero((x * x + y * y < 1.0)[:left]))
        left -= 1 << 15
    assert kernel("numpy-chunked")(samples, 11) == hits


@pytest.mark.parametrize("seed", derive_task_seeds(2026, 1, 3))
@pytest.mark.parametrize("cells", [16, 256])
def test_darts_are_uniform(seed: int, cells: int) -> None:
    assert abs(chi_square(*coordinates(seed, 2_000_000), cells)) < LIMIT


@pytest.mark.parametrize("neighbours", [(0, 1), (1, 2), (0, 987)])
def test_darts_of_different_tasks_are_independent(neighbours: tuple[int, int]) -> None:
    seeds = derive_task_seeds(2026, 1, 1000)
    (one_x, one_y), (other_x, other_y) = (coordinates(seeds[index], 1_000_000) for index in neighbours)
    for one, other in ((one_x, other_x), (one_y, other_y), (one_x, other_y)):
        assert abs(chi_square(one, other, 64)) < LIMIT
        deviations = numpy.corrcoef(one.astype(float), other.astype(float))[0, 1] * math.sqrt(len(one))
        assert abs(deviations) < LIMIT


@pytest.mark.parametrize("name", FAST)
def test_the_counts_of_many_tasks_vary_as_chance_predicts(name: str) -> None:
    """The counts of successive tasks are uncorrelated, and their variance is that of independent darts."""
    tasks, samples = 2000, 2000
    count = kernel(name)
    hits = numpy.array([count(samples, seed) for seed in derive_task_seeds(5, 0, tasks)], dtype=float)
    together = numpy.corrcoef(hits[:-1], hits[1:])[0, 1] * math.sqrt(tasks - 1)
    assert abs(together) < LIMIT
    spread = hits.var() / (samples * SHARE * (1.0 - SHARE))
    assert abs(spread - 1.0) < LIMIT * math.sqrt(2.0 / tasks)


@pytest.mark.parametrize("tasks", [2, 3, 8, 64, 1000, 4182, 10_000])
@pytest.mark.parametrize("trial", [0, 1, 17])
def test_no_two_tasks_share_counters(tasks: int, trial: int) -> None:
    starts = sorted((seed << 32 | seed >> 32) & MASK for seed in derive_task_seeds(2026, trial, tasks))
    gaps = [following - start for start, following in zip(starts, [*starts[1:], starts[0] + (1 << 64)], strict=True)]
    assert min(gaps) > (1 << 64) // (3 * tasks)


@pytest.mark.parametrize("name", FAST)
def test_a_kernel_hits_as_often_as_pure_python(name: str) -> None:
    samples = 500_000
    plain = load_kernel(KERNELS["python-own-random"].module, KERNELS["python-own-random"].function)(samples, 3)
    off = kernel(name)(samples, 3) - plain
    assert abs(off) < LIMIT * math.sqrt(2.0 * samples * SHARE * (1.0 - SHARE))


@pytest.mark.timeout(1800)
def test_ten_billion_darts_give_pi() -> None:
    """Two tasks at once, as a run on two workers has them: z of the sum.

    Seconds where wide vectors have two cores for themselves; a narrow processor that is shared may take twenty minutes.
    """
    tasks, samples = 2, 5_000_000_000
    seeds = derive_task_seeds(2026, 0, tasks)
    with ThreadPoolExecutor(tasks) as pool:
        hits = sum(pool.map(kernel("numba-simd"), [samples] * tasks, seeds))
    total = tasks * samples
    assert abs(hits - total * SHARE) / math.sqrt(total * SHARE * (1.0 - SHARE)) < LIMIT


def test_numba_vectorises_the_loop_of_simd() -> None:
    """Compile the loop again, because cached code cannot be inspected, and look for vector multiplications."""
    from pi_tui.host.kernels.numba_simd import count_darts

    compiled = numba.njit("int64(uint64, int64)", nogil=True)(count_darts.py_func)
    (code,) = compiled.inspect_llvm().values()
    assert re.search(r"mul <\d+ x i64>", code)
