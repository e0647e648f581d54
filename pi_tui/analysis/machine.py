"""What work is measured on, as values: the machine, and the Pythons that there are.

In a file of its own because the first frame needs it, and of the results nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine as the results need it. `usable_cores` is the smaller of CPU affinity and the cgroup's quota."""

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
    """One Python to measure with. `id` is what results carry: its version, with a "t" for a free-threaded build.

    Of several that have the same, all but one carry their folder's name as well ("3.14.8@venv"). `build` is when and with
    what it was compiled; `subinterpreters` is whether programs can make them (Python 3.14).
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
