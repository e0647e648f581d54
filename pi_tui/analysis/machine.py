"""The machine and the Python interpreters that work is measured with, as values.

They have a file of their own because the first frame of the app needs them, but not the results.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine as results describe it. `usable_cores` is the smaller of CPU affinity and the control group's quota."""

    system: str
    processor: str
    logical_cores: int
    physical_cores: int | None
    affinity_cores: int
    quota_cores: float | None
    usable_cores: int
    memory_bytes: int
    available_bytes: int


@dataclass(frozen=True, slots=True)
class Interpreter:
    """One Python to measure with. `id` appears in results: the version, with a "t" for a free-threaded build.

    If several interpreters have the same id, all but one append their folder's name ("3.14.8@venv"). `build` says when and with
    what compiler it was built; `subinterpreters` is whether programs can create them (Python 3.14).
    """

    id: str
    path: str
    version: str
    implementation: str
    free_threaded_build: bool
    gil_enabled: bool
    packages: dict[str, str] = field(default_factory=dict)
    start_methods: tuple[str, ...] = ("spawn",)
    build: str = ""
    subinterpreters: bool = False
