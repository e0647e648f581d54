"""Kernels that fail or misbehave, each in another way."""

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


def exits_with_3(samples: int, seed: int) -> int:
    os._exit(3)


def exits_with_0(samples: int, seed: int) -> int:
    os._exit(0)


def calls_sys_exit(samples: int, seed: int) -> int:
    sys.exit(4)


def kills_itself(samples: int, seed: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def terminates_itself(samples: int, seed: int) -> int:
    os.kill(os.getpid(), signal.SIGTERM)
    return 0


def closes_files(samples: int, seed: int) -> int:
    os.closerange(3, 1000)
    return samples


def closes_files_and_goes_on(samples: int, seed: int) -> int:
    os.closerange(3, 1000)
    time.sleep(0.5)
    return samples


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


def writes_to_event_pipe(samples: int, seed: int) -> int:
    """Write an invalid message to the event pipe of the host that runs this kernel."""
    with open("/proc/self/cmdline") as file:
        arguments = file.read().split("\0")
    os.write(int(arguments[arguments.index("--events") + 1]), b"this is no message\n")
    return samples


def counts_protocol_pipes(samples: int, seed: int) -> int:
    """Count the open files of this process that are its parent's pipes for requests or events."""
    open_files = {os.readlink(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd") if _is_open(name)}
    with open(f"/proc/{os.getppid()}/cmdline") as file:
        arguments = file.read().split("\0")
    pipes = [arguments[arguments.index(option) + 1] for option in ("--requests", "--events")]
    return sum(os.readlink(f"/proc/{os.getppid()}/fd/{name}") in open_files for name in pipes)


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


def returns_a_dict(samples: int, seed: int) -> object:
    return {"not": "a number"}


def never_ends(samples: int, seed: int) -> int:
    while True:
        time.sleep(60)


NEEDLESS = (
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
    found = [name for name in NEEDLESS if name in sys.modules]
    if found:
        print("needless:", found, flush=True)
    return len(found)


def lists_modules(samples: int, seed: int) -> int:
    print("modules:", *sorted(sys.modules), flush=True)
    return len(sys.modules)
