"""Everything that pi-tui itself reports as an error, drawn once:

```
PiTuiError              exit code 1
├── UsageError          exit code 2   the request is meaningless, and nothing was started
├── HostError                         a host failed or broke the protocol
│   ├── HostTimeout                   nothing came in time; the host is still alive
│   ├── HostStopped                   the host was stopped on request
│   └── HostCrashed                   the host ended although nobody stopped it
└── LogError                          a file or the history could not be written or read
```

The message of each is one sentence for the user. `engine.hosts.host_failures` defines the three kinds of HostError.
"""

from __future__ import annotations

INTERRUPTED_EXIT_CODE = 130
"""The exit code after a signal: 128 and the number of SIGINT, as shells have it."""


class PiTuiError(Exception):
    """An error that pi-tui itself reports."""

    exit_code = 1


class UsageError(PiTuiError):
    """The request is meaningless; nothing was started."""

    exit_code = 2


class HostError(PiTuiError):
    """A host failed or broke the protocol."""


class LogError(PiTuiError):
    """A file or the history could not be written or read."""
