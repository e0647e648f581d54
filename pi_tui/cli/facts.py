"""What `pi-tui doctor` finds, one thing at a time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fact:
    """One finding.

    Attributes:
        about: what it is about.
        found: what was found.
        remark: what that means for a measurement, where it takes something away; "" where all is well.
    """

    about: str
    found: str
    remark: str = ""
