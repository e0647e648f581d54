"""A host process that a test talks to through its two pipes, without observer and engine."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from pi_tui.host.kernels.catalog import KERNELS
from pi_tui.host.modes.catalog import MODES
from pi_tui.host.protocol import Message, Prepare, Ready, RunTrial, decode, encode
from pi_tui.host.seeds import derive_shared_seed, derive_task_seeds

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


class DirectHost:
    def __init__(self, cache: Path, python: str = sys.executable) -> None:
        requests_out, requests_in = os.pipe()
        events_out, events_in = os.pipe()
        path = os.pathsep.join((str(ROOT), str(HERE)))
        self.log = (cache / "host.log").open("w+b")
        self.temporary = tempfile.TemporaryDirectory(prefix="pt-")  # short, for a fork server's socket path
        self.process = subprocess.Popen(
            [python, "-P", "-m", "pi_tui.host", "--requests", str(requests_out), "--events", str(events_in)],
            pass_fds=(requests_out, events_in),
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
            env={
                **os.environ,
                "PYTHONPATH": path,
                "NUMBA_CACHE_DIR": str(cache / "numba"),
                "PI_TUI_FOLDER": self.temporary.name,
                "OPENBLAS_NUM_THREADS": "1",
            },
        )
        os.close(requests_out)
        os.close(events_in)
        self.requests = os.fdopen(requests_in, "wb", buffering=0)
        self.events = os.fdopen(events_out, "rb")
        self.trials = 0
        first = self.answer()
        assert isinstance(first, Ready)
        self.ready: Ready = first

    def answer(self) -> Message:
        line = self.events.readline()
        assert line, "the host has ended"
        return decode(line)

    def ask(self, request: Message) -> Message:
        self.requests.write(encode(request))
        return self.answer()

    def prepare(self, name: str) -> Message:
        kernel = KERNELS[name]
        return self.ask(Prepare(kernel.name, kernel.module, kernel.function, kernel.needs))

    def printed(self) -> str:
        self.log.seek(0)
        return self.log.read().decode()

    def trial(
        self,
        kernel: str,
        mode: str = "threads",
        *,
        samples: int = 1000,
        workers: int = 2,
        tasks: int | None = None,
        start_method: str = "fork",
        transport: str = "queue",
        chunksize: int = 1,
        seed: int = 1,
    ) -> Message:
        """Run a trial of `kernel`, a name of the catalog or a function of `failing_kernels.py`."""
        self.trials += 1
        known = KERNELS.get(kernel)
        how = MODES[mode]
        count = tasks or workers
        return self.ask(
            RunTrial(
                trial=self.trials,
                kernel=kernel,
                module=known.module if known else "failing_kernels",
                function=known.function if known else kernel,
                holds_gil=known.holds_gil if known else None,
                shared_stream=known.shared_stream if known else False,
                mode=mode,
                mode_module=how.module,
                mode_function=how.function,
                mode_is_threads=how.made_of == "threads",
                start_method=start_method if how.has_start_methods else None,
                transport=transport if how.has_transports else None,
                chunksize=chunksize,
                workers=1 if mode == "sequential" else workers,
                task_samples=(samples,) * count,
                task_seeds=derive_task_seeds(seed, self.trials, count),
                shared_seed=derive_shared_seed(seed, self.trials),
            )
        )

    def close(self) -> int:
        """Close the requests, wait for the host, and clean up what the observer would clean up. Return the exit code."""
        self.requests.close()
        code = self.process.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        for name in Path("/dev/shm").glob(f"*pt-{self.process.pid}-*"):
            name.unlink(missing_ok=True)
        self.events.close()
        self.log.close()
        self.temporary.cleanup()
        return code
