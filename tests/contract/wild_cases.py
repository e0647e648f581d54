"""What must be said, and what must never be, of small programs of the kinds that people report; `tests/cases` holds them.

Each expectation is about the sentences of the rows of one mode together: one of `must` has to match, none of `never` may.
A busy machine may add sentences of its own; it never excuses one that is false.
"""

from __future__ import annotations

from dataclasses import dataclass, field

FOLDER = "tests/cases"

OVERLAP = r"overlap whatever|the waits overlapped"
MORE_WORKERS = r"more workers than cores can pay"
OTHERS = r"other programs (had|used|took) the cores"
NOT_TO_BLAME = r"not the cause|to blame"


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

    `command` is that of `pi-tui run` after the file and function. `beside` is a file that runs as a server meanwhile.
    """

    name: str
    target: str
    command: str
    expected: dict[str, Expected] = field(default_factory=dict)
    beside: str = ""


CASES: tuple[WildCase, ...] = (
    WildCase(
        "sqlite-select",
        "sqlite_select.py:func",
        "-m threads,processes -w 2 -n 400k --repeat 3",
        {"threads": Expected((r"\bGIL\b",), (OVERLAP, r"disk", MORE_WORKERS))},
    ),
    WildCase(
        "sqlite-write",
        "sqlite_write.py:func",
        "-m threads,processes -w 2 -n 60 --repeat 3",
        {"*": Expected((r"did not overlap|one at a time",), (OVERLAP, MORE_WORKERS))},
    ),
    WildCase(
        "serial-server",
        "serial_server.py:func",
        "-m threads,processes -w 2 -n 50 --repeat 3",
        {"*": Expected((r"did not overlap|one at a time",), (OVERLAP, MORE_WORKERS))},
        beside="serial_server.py",
    ),
    WildCase(
        "nested-threads",
        "nested_threads.py:func",
        "-m threads,processes -w 2 -n 2M --repeat 3",
        {
            "*": Expected(
                (r"own (2 |two )?threads|threads of its own|threads that (it|the function) started",),
                (r"each other's way", r"look for what the workers share"),
            )
        },
    ),
    WildCase(
        "child-processes",
        "child_processes.py:func",
        "-m threads,processes -w 2,4 -n 3M --repeat 3",
        {"*": Expected((r"child process",), (OVERLAP, MORE_WORKERS))},
    ),
    WildCase(
        "blas-widened",
        "blas_threads.py:widened",
        "-m threads -w 2 -n 10 --repeat 3",
        {
            "threads": Expected(
                (r"threads inside|own (2 |two )?threads|threads of its own|OMP_NUM_THREADS",), (OTHERS, NOT_TO_BLAME)
            )
        },
    ),
    WildCase(
        "numba-threads-inside",
        "blas_threads.py:par",
        "-m threads -w 2 -n 10 --repeat 3",
        {
            "threads": Expected(
                (r"threads inside|own (2 |two )?threads|threads of its own|set_num_threads",), (OTHERS, NOT_TO_BLAME)
            )
        },
    ),
    WildCase(
        "narrow-affinity",
        "narrow_affinity.py:func",
        "-m threads,processes -w 2 -n 3M --repeat 3",
        {"*": Expected((r"core 0",), (OTHERS, NOT_TO_BLAME, r"quiet machine"))},
    ),
    WildCase(
        "narrow-affinity-import",
        "narrow_affinity_import.py:func",
        "-m threads,processes -w 2 -n 3M --repeat 3",
        {"*": Expected((r"core 0",), (OTHERS, NOT_TO_BLAME, r"quiet machine"))},
    ),
    WildCase(
        "no-turns",
        "switch_interval.py:func",
        "--arg interval=100 -m threads -w 2 -n 5M --repeat 3",
        {"threads": Expected((r"\bGIL\b", r"switch interval"), (r"larger blocks",))},
    ),
    WildCase(
        "too-many-turns",
        "switch_interval.py:func",
        "--arg interval=1e-6 -m threads -w 2 -n 5M --repeat 3",
        {"threads": Expected((r"\bGIL\b", r"switch interval"), (r"larger blocks",))},
    ),
    WildCase(
        "spinner",
        "spinner.py:func",
        "-m threads,processes -w 1,2 -n 3M --repeat 3",
        {"threads": Expected((r"spinner",), (OTHERS, NOT_TO_BLAME))},
    ),
    WildCase(
        "huge-result",
        "huge_result.py:func",
        "-m processes,pool-map -w 2 -n 2M --repeat 3",
        {"*": Expected((r"[MG]B",), (r"the larger the tasks", r"larger tasks"))},
    ),
    WildCase(
        "first-call",
        "first_call.py:func",
        "-m processes,pool-map -w 2 -n 2M --repeat 3",
        {"*": Expected((r"once (a|per) process|first call",), (r"compare it with processes", r"spinning lock"))},
    ),
    WildCase(
        "copy-on-write",
        "copy_on_write.py:func",
        "-m processes,pool-map --start-method fork -w 2 -n 1 --repeat 3",
        {"*": Expected((r"fork",), (r"arrays? made anew", r"blocks that fit"))},
    ),
    WildCase(
        "fork-random",
        "fork_random.py:func",
        "-m processes,pool-map --start-method fork -w 2 -n 30M --repeat 3",
        {"*": Expected((r"same (random|result|value|count)|returned the same",), ())},
    ),
    WildCase(
        "unpicklable",
        "unpicklable.py:lam",
        "-m processes,pool-map -w 2 -n 1M --timeout 30 --repeat 2",
        {"*": Expected((r"pickle",), (), failed=True)},
    ),
    WildCase(
        "generator",
        "unpicklable.py:gen",
        "-m threads -w 2 -n 1M --timeout 30 --repeat 3",
        {"threads": Expected((r"generator",), (r"truly parallel",))},
    ),
    WildCase(
        "print-flood",
        "print_flood.py:func",
        "-m threads -w 2 -n 60k --repeat 3",
        {"threads": Expected((r"\bGIL\b|lock|stream|output|print",), (OVERLAP, OTHERS, MORE_WORKERS))},
    ),
    WildCase(
        "tiny-tasks",
        "tiny_tasks.py:func",
        "-m pool-map,process-pool,threads -w 2 -n 20 --tasks 20000 --repeat 3",
        {"pool-map": Expected((r"between its|per task|larger tasks|chunksize",), (r"caches",))},
    ),
)
