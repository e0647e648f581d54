"""Derive independent random streams: a seed for each task, from the run's seed, the trial and the task's index."""

from __future__ import annotations

import hashlib

_GOLDEN = 0x9E3779B9
"""2**32 divided by the golden ratio, as an odd number: 2**32 successive multiples modulo 2**32 all differ."""


def derive_task_seeds(run_seed: int, trial: int, tasks: int) -> tuple[int, ...]:
    """Return a seed below 2**63 for each task of a trial.

    No two tasks of a trial share the lower 32 bits, which are all that some generators use.
    """
    digest = hashlib.blake2b(f"{run_seed}/{trial}".encode(), digest_size=8).digest()
    base = int.from_bytes(digest, "little")
    upper = (base >> 33) << 32
    return tuple(upper | ((base + index * _GOLDEN) & 0xFFFFFFFF) for index in range(tasks))


def derive_shared_seed(run_seed: int, trial: int) -> int:
    """Return a seed below 2**63 for the generator that the threads of one process share."""
    digest = hashlib.blake2b(f"{run_seed}/{trial}/shared".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1
