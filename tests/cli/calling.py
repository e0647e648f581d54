"""How tests call the command line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

Call = Callable[..., subprocess.CompletedProcess[str]]

PATIENCE_S = 300.0
"""How long a call may take: the first that needs Numba compiles it, and others may have the cores."""

COMMAND = (sys.executable, "-m", "pi_tui")
