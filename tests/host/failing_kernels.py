"""Kernels that misbehave, each in its own way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time


def raises(samples: int, seed: int) -> int:
    raise ValueError("no such luck")


def raises_once(samples: int, seed: int) -> int:
    if seed % 2:
        raise ValueError("an odd seed")
    time.sleep(0.05)
    return samples


def leaves(samples: int, seed: int) -> int:
    os._exit(3)


def leaves_as_if_well(samples: int, seed: int) -> int:
    os._exit(0)


def quits(samples: int, seed: int) -> int:
    sys.exit(4)


def is_killed(samples: int, seed: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def ignores_sigterm_while_another_dies(samples: int, seed: int) -> int:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if seed % 2:
        os._exit(3)
    time.sleep(3600)
    return 0


def prints(samples: int, seed: int) -> int:
    print('{"v": 1, "type": "TrialDone"}', flush=True)
    os.write(1, b"x" * 1_000_000)
    return samples


def speaks_for_its_host(samples: int, seed: int) -> int:
    """Writes what is no message to where its host, which it runs in, writes its messages."""
    with open("/proc/self/cmdline") as file:
        arguments = file.read().split("\0")
    os.write(int(arguments[arguments.index("--events") + 1]), b"this is no message\n")
    return samples


def counts_protocol_pipes(samples: int, seed: int) -> int:
    """How many of this process's files are the parent's requests or events."""
    ours = {os.readlink(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd") if _is_open(name)}
    with open(f"/proc/{os.getppid()}/cmdline") as file:
        arguments = file.read().split("\0")
    theirs = [arguments[arguments.index(option) + 1] for option in ("--requests", "--events")]
    return sum(os.readlink(f"/proc/{os.getppid()}/fd/{name}") in ours for name in theirs)


def _is_open(name: str) -> bool:
    return os.path.lexists(f"/proc/self/fd/{name}")


def sleeps(samples: int, seed: int) -> int:
    time.sleep(0.2)
    return samples


def leaves_a_thread(samples: int, seed: int) -> int:
    threading.Thread(target=time.sleep, args=(3600,), daemon=True, name="forgotten").start()
    return samples


def leaves_a_process(samples: int, seed: int) -> int:
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
    return samples


def says_something_else(samples: int, seed: int) -> object:
    return {"not": "a number"}


def never_ends(samples: int, seed: int) -> int:
    while True:
        time.sleep(60)


WEIGHT = (
    "dataclasses",
    "inspect",
    "json",
    "argparse",
    "typing",
    "numpy",
    "textual",
    "psutil",
    "asyncio",
    "ast",
    "resource",
)


def counts_needless_imports(samples: int, seed: int) -> int:
    found = [name for name in WEIGHT if name in sys.modules]
    if found:
        print("needless:", found, flush=True)
    return len(found)


def lists_modules(samples: int, seed: int) -> int:
    print("modules:", *sorted(sys.modules), flush=True)
    return len(sys.modules)
