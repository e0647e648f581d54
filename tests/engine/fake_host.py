"""A host with faults on request: `Prepare(kernel=<fault>, module=<argument>)`. Run by `fake_python` of conftest."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import resource
import signal
import sys
import time
from multiprocessing import resource_tracker, shared_memory
from pathlib import Path

from pi_tui.host.protocol import Prepare, Prepared, Ready, decode, encode

PREFIX = os.environ.get("PI_TUI_PREFIX", "")


def busy(_: int = 0) -> None:
    while True:
        pass


def crash(_: str) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.kill(os.getpid(), signal.SIGSEGV)


def leave(code: str) -> None:
    print("leaving now", flush=True)
    os._exit(int(code))


def hold(_: str) -> None:
    """Call C code that neither returns nor releases the GIL."""
    sum(itertools.repeat(0, 10**15))


def relatives(_: str) -> None:
    """Start every kind of child that is hard to end, and return when all of them run."""
    started, up = os.pipe()

    def child(*steps: str) -> None:
        if begun := os.fork():
            if "daemon" in steps:  # the process in between must be gone before they are counted
                os.waitpid(begun, 0)
            return
        if "deaf" in steps:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
        if "daemon" in steps:
            os.setsid()
            if os.fork():
                os._exit(0)
        os.write(up, b".")
        if "stopped" in steps:
            os.kill(os.getpid(), signal.SIGSTOP)
        busy()

    child()
    child("deaf")
    child("daemon", "deaf")
    child("daemon", "stopped")
    for _ in range(4):
        os.read(started, 1)


def pool(workers: str) -> None:
    """Start a pool whose workers are all busy."""
    context = multiprocessing.get_context("spawn")
    gate = context.Barrier(int(workers) + 1)
    for _ in range(int(workers)):
        context.Process(target=wait_then_work, args=(gate,)).start()
    gate.wait()


def wait_then_work(gate: object) -> None:
    gate.wait()  # type: ignore[attr-defined]
    busy()


def leak(_: str) -> None:
    """Leak shared memory under the run's name that the resource tracker does not know, and a piece that it knows."""
    memory = shared_memory.SharedMemory(name=f"{PREFIX}-leak", create=True, size=4096)
    resource_tracker.unregister(f"/{memory.name}", "shared_memory")
    tracked = shared_memory.SharedMemory(name=f"tracked-{PREFIX}", create=True, size=4096)
    tracker = resource_tracker._resource_tracker._pid  # type: ignore[attr-defined]
    while b"resource_tracker" not in Path(f"/proc/{tracker}/cmdline").read_bytes():
        pass  # until its exec, it looks like this process
    with open(f"/dev/shm/sem.{PREFIX}-leak", "wb"):
        pass
    with open(os.path.join(os.environ["PI_TUI_FOLDER"], "left over"), "wb"):
        pass
    _kept.extend((memory, tracked))


_kept: list[object] = []


def storm(kind_and_pipe: str) -> None:
    """Fork processes that replace themselves faster than anybody can look, for a minute at most; each holds the named pipe."""
    kind, _, held_pipe = kind_and_pipe.partition(":")
    ready, up = os.pipe()
    end = time.monotonic() + 60.0
    if os.fork() == 0:
        os.open(held_pipe, os.O_WRONLY)
        for generation in itertools.count():
            if kind == "sessions":
                os.setsid()
            if generation == 20:
                os.write(up, b".")
            if os.fork() or time.monotonic() > end:
                os._exit(0)
    os.read(ready, 1)


def print_much(megabytes: str) -> None:
    for _ in range(int(megabytes)):
        print("x" * (1 << 20))
    print("the end", flush=True)


def stop_reading(_: str) -> None:
    time.sleep(3600)


FAULTS = {
    "crash": crash,
    "exit": leave,
    "hold": hold,
    "relatives": relatives,
    "pool": pool,
    "leak": leak,
    "storm": storm,
    "print": print_much,
    "deaf": stop_reading,
}


def main() -> None:
    options = dict(itertools.pairwise(sys.argv))
    requests = open(int(options["--requests"]), "rb")  # noqa: SIM115
    events = open(int(options["--events"]), "wb", buffering=0)  # noqa: SIM115
    os.set_inheritable(requests.fileno(), False)
    os.set_inheritable(events.fileno(), False)
    events.write(encode(Ready(os.getpid(), sys.version, sys.implementation.name, False, True)))
    for line in requests:
        request = decode(line)
        assert isinstance(request, Prepare)
        if request.kernel == "broken line":
            events.write(b"this is no message\n")
        elif request.kernel == "close events":
            events.close()
            time.sleep(3600)
        elif request.kernel == "long line":
            events.write(encode(Prepared("x" * int(request.module), 0.0, 0.0, True)))
        else:
            FAULTS.get(request.kernel, lambda _: None)(request.module)
            events.write(encode(Prepared(request.kernel, 0.0, 0.0, True)))


if __name__ == "__main__":
    main()
