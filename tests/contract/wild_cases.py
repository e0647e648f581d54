"""What must be said, and what must never be, of small programs of the kinds that people report; `tests/cases` holds them.

Each expectation is about the sentences of the rows of one mode together: every `must` has to match one of them, and no `never`
may match any. A busy machine may add sentences of its own; it never excuses one that is false.
"""

from __future__ import annotations

from dataclasses import dataclass, field

OVERLAP = r"overlap whatever|the waits overlapped"
MORE_WORKERS = r"more workers (than cores )?can pay"
OTHERS = r"other programs (had|took) the cores"
NOT_TO_BLAME = r"not the cause|to blame"
OWN_THREADS = r"threads that the function started"
ONE_AT_A_TIME = r"did not overlap|ran one at a time"


@dataclass(frozen=True)
class Expected:
    """What is said of the rows of some modes.

    Attributes:
        must: regular expressions, each of which matches a sentence (case does not count).
        never: regular expressions of which none matches.
        failed: the rows are failures, and `must` is about their messages.
    """

    must: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    failed: bool = False


@dataclass(frozen=True)
class WildCase:
    """A program, how it is run, and what is to be said, by mode ("*" stands for every mode but sequential).

    Attributes:
        options: options of `pi-tui run` at any size.
        quick: the modes and sizes in the suite, where all cases together take a minute.
        full: the modes and sizes of the reports.
        beside: a file that runs as a server meanwhile.
        needs: what must be installed.
    """

    name: str
    target: str
    options: str
    quick: str
    full: str
    expected: dict[str, Expected] = field(default_factory=dict)
    beside: str = ""
    needs: tuple[str, ...] = ()


CASES: tuple[WildCase, ...] = (
    WildCase(
        "sqlite-select",
        "sqlite_select.py:func",
        "",
        "-m threads,processes -w 2 -n 100k",
        "-m threads,processes -w 2 -n 400k",
        {
            "threads": Expected((r"\bGIL\b",), (OVERLAP, r"disk", MORE_WORKERS)),
            "processes": Expected((), (r"\bGIL\b", OVERLAP, r"disk", MORE_WORKERS)),
        },
    ),
    WildCase(
        "sqlite-write",
        "sqlite_write.py:func",
        "",
        "-m threads -w 2 -n 20",
        "-m threads,processes -w 2 -n 60",
        {"*": Expected((ONE_AT_A_TIME,), (OVERLAP, MORE_WORKERS))},
    ),
    WildCase(
        "serial-server",
        "serial_server.py:func",
        "",
        "-m threads -w 2 -n 30",
        "-m threads,processes -w 2 -n 50",
        {"*": Expected((ONE_AT_A_TIME,), (OVERLAP, MORE_WORKERS))},
        beside="serial_server.py",
    ),
    WildCase(
        "nested-threads",
        "nested_threads.py:func",
        "",
        "-m threads,processes -w 2 -n 1M",
        "-m threads,processes -w 2 -n 2M",
        {"*": Expected((OWN_THREADS,), (r"each other's way", r"look for what the workers share", OVERLAP))},
    ),
    WildCase(
        "child-processes",
        "child_processes.py:func",
        "",
        "-m threads -w 2,4 -n 1M",
        "-m threads,processes -w 2,4 -n 3M",
        {"*": Expected((r"child process",), (OVERLAP, MORE_WORKERS))},
    ),
    WildCase(
        "blas-held",
        "blas_threads.py:func",
        "",
        "-m threads -w 2 -n 5",
        "-m threads,processes -w 2 -n 10",
        {"*": Expected((), (OTHERS, NOT_TO_BLAME, OWN_THREADS, r"\bGIL\b"))},
        needs=("numpy", "numba"),
    ),
    WildCase(
        "blas-widened",
        "blas_threads.py:widened",
        "",
        "-m threads -w 2 -n 6",
        "-m threads,processes -w 2 -n 10",
        {"threads": Expected((OWN_THREADS, r"OMP_NUM_THREADS"), (OTHERS, NOT_TO_BLAME))},
        needs=("numpy", "numba"),
    ),
    WildCase(
        "numba-threads-inside",
        "blas_threads.py:par",
        "",
        "-m threads -w 2 -n 300",
        "-m threads -w 2 -n 10",
        {"threads": Expected((OWN_THREADS, r"set_num_threads"), (OTHERS, NOT_TO_BLAME))},
        needs=("numpy", "numba"),
    ),
    WildCase(
        "narrow-affinity",
        "narrow_affinity.py:func",
        "",
        "-m threads -w 2 -n 2M",
        "-m threads,processes -w 2 -n 3M",
        {"*": Expected((r"core 0",), (OTHERS, NOT_TO_BLAME, r"quiet machine"))},
    ),
    WildCase(
        "narrow-affinity-import",
        "narrow_affinity_import.py:func",
        "",
        "-m threads,processes -w 2 -n 2M",
        "-m threads,processes -w 2 -n 3M",
        {"*": Expected((r"core 0",), (OTHERS, NOT_TO_BLAME, r"quiet machine"))},
    ),
    WildCase(
        "no-turns",
        "switch_interval.py:func",
        "--arg interval=100",
        "-m threads -w 2 -n 2M",
        "-m threads -w 2 -n 5M",
        {"threads": Expected((r"\bGIL\b", r"switch interval is 100 s \(changed by the function"), (r"larger blocks",))},
    ),
    WildCase(
        "too-many-turns",
        "switch_interval.py:func",
        "--arg interval=1e-6",
        "-m threads -w 2 -n 2M",
        "-m threads -w 2 -n 5M",
        {"threads": Expected((r"\bGIL\b", r"switch interval is 1e-06 s"), (r"larger blocks", r"do more work each"))},
    ),
    WildCase(
        "spinner",
        "spinner.py:func",
        "",
        "-m threads -w 2 -n 400k",
        "-m threads,processes -w 1,2 -n 3M",
        {"*": Expected((r"thread `spinner`, which is no worker",), (OTHERS, NOT_TO_BLAME))},
    ),
    WildCase(
        "huge-result",
        "huge_result.py:func",
        "",
        "-m processes -w 2 -n 1M",
        "-m processes,pool-map -w 2 -n 2M",
        {"*": Expected((r"[MG]B travelled.*grows with the samples",), (r"the larger the tasks", r"larger tasks"))},
    ),
    WildCase(
        "first-call",
        "first_call.py:func",
        "",
        "-m processes -w 2 -n 300k",
        "-m processes,pool-map -w 2 -n 2M",
        {"*": Expected((r"once per process",), (r"compare (it )?with processes", r"spinning lock", r"caches, memory"))},
    ),
    WildCase(
        "copy-on-write",
        "copy_on_write.py:func",
        "--start-method fork",
        "-m processes -w 2 -n 1",
        "-m processes,pool-map -w 2 -n 1",
        {"*": Expected((r"After fork.*gc\.freeze",), (r"arrays? made anew", r"blocks that fit"))},
    ),
    WildCase(
        "fork-random",
        "fork_random.py:func",
        "--start-method fork",
        "-m processes -w 2 -n 10M",
        "-m processes,pool-map -w 2 -n 30M",
        {"*": Expected((r"returned the same result.*same random numbers",), ())},
        needs=("numpy",),
    ),
    WildCase(
        "unpicklable",
        "unpicklable.py:lam",
        "--timeout 30",
        "-m processes,pool-map -w 2 -n 100k",
        "-m processes,pool-map -w 2 -n 1M",
        {"*": Expected((r"pickle",), (), failed=True)},
    ),
    WildCase(
        "generator",
        "unpicklable.py:gen",
        "",
        "-m threads -w 2 -n 1M",
        "-m threads -w 2 -n 1M",
        {"threads": Expected((r"returned a generator: nothing was computed",), (r"truly parallel", r"too short"))},
    ),
    WildCase(
        "print-flood",
        "print_flood.py:func",
        "",
        "-m threads -w 2 -n 40k",
        "-m threads -w 2 -n 60k",
        {"threads": Expected((r"\bGIL\b|lock",), (OVERLAP, OTHERS, MORE_WORKERS, NOT_TO_BLAME))},
    ),
    WildCase(
        "tiny-tasks",
        "tiny_tasks.py:func",
        "",
        "-m pool-map,threads -w 2 -n 20 --tasks 3000",
        "-m pool-map,process-pool,threads -w 2 -n 20 --tasks 20000",
        {
            "pool-map": Expected((r"fewer, larger tasks or a larger --chunksize",), (r"caches", r"\bGIL\b")),
            "threads": Expected((r"fewer, larger tasks",), (r"caches", r"times as fast as one")),
        },
    ),
)
