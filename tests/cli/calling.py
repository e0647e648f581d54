"""How tests call the command line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

Call = Callable[..., subprocess.CompletedProcess[str]]

COMMAND = (sys.executable, "-m", "pi_tui")
