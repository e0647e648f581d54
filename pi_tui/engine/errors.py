"""What can go wrong, drawn once:

```
PiTuiError          exit code 1
├── UsageError      exit code 2   the request itself is meaningless: nothing was started
├── HostError       the host crashed, timed out, or broke the protocol
└── LogError        something could not be written or read
```

Each carries one sentence for a person.
"""

from __future__ import annotations


class PiTuiError(Exception):
    """Anything that pi-tui itself reports."""

    exit_code = 1


class UsageError(PiTuiError):
    """The request is meaningless; nothing was started."""

    exit_code = 2


class HostError(PiTuiError):
    """The host crashed, timed out, or broke the protocol."""


class LogError(PiTuiError):
    """Something could not be written or read."""
