"""The observer's loop, in a process of its own because it reaps every child."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pi_tui.observe.process.__main__ import _start_sampling
from pi_tui.observe.process.launch_spec import LaunchSpec
from pi_tui.observe.process.sampling_loop import SamplingLoop

ROOT = Path(__file__).parents[3]

PROGRAM = """
import os, select, sys, time
from pi_tui.observe.process.observer import Observer
from pi_tui.observe.process.launch_spec import LaunchSpec

control, commands = os.pipe()
unused, report = os.pipe()
requests, events = os.pipe()

class Sampling:
    def __init__(self, descriptor, send):
        self.descriptor = descriptor
        self.ticks = self.received = self.woken = 0

    @property
    def workers_active(self):
        return self.received and self.ticks < 50

    def read_worker_events(self):
        try:
            self.received += len(os.read(self.descriptor, 99))
        except BlockingIOError:
            pass
        return True

    def sample_until_readable(self, others):
        while self.workers_active:
            ready, _, _ = select.select(others, [], [], 0.001)
            if ready:
                self.woken += 1
                return True
            self.ticks += 1
            if self.ticks == 20:
                os.write(commands, b"something else\\n")
        os.write(commands, b"stop\\n")
        return True

made = []
def make(descriptor, send):
    made.append(Sampling(descriptor, send))
    return made[0]

program = "import os, sys, time; os.write(int(sys.argv[2]), b'8 bytes.'); time.sleep(3600)"
spec = LaunchSpec("pt-test", (sys.executable, "-c", program), dict(os.environ), requests, events, report, "/nowhere")
Observer(spec, control, start_sampling=make).run()
print(made[0].ticks, made[0].woken, made[0].received)
"""


def test_the_observer_samples_and_reads_commands_until_stop() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["50", "1", "8"], done.stderr


def test_an_app_that_ends_before_it_sends_the_spec_is_no_error() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pi_tui.observe.process", "0"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_spec_with_names_that_are_not_utf8_survives_encoding() -> None:
    spec = LaunchSpec("pt-1", ("python", "-P"), {"ODD": "\udcff", "TEXT": "zwölf\nlines"}, 3, 4, 5, "/tmp/pt-1")
    line = spec.encode()
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert LaunchSpec.decode(line) == spec


def test_the_spec_sets_the_sampling_rate() -> None:
    spec = LaunchSpec("pt-1", ("python",), {}, 3, 4, 5, "/tmp/pt-1", lanes_shown=True, lanes_hz=800)
    sampling = _start_sampling(LaunchSpec.decode(spec.encode()), 6, lambda _: None)
    assert isinstance(sampling, SamplingLoop)
    assert sampling._sampler._rate.begin_trial(2) == 1_250_000


@pytest.mark.parametrize(("cores", "budget"), [(1, 0.01), (2, 0.03), (64, 0.03)])
def test_the_budget_of_sampling_follows_from_the_specs_cores(cores: int, budget: float) -> None:
    spec = LaunchSpec("pt-1", ("python",), {}, 3, 4, 5, "/tmp/pt-1", lanes_shown=True, cores=cores)
    sampling = _start_sampling(spec, 6, lambda _: None)
    assert isinstance(sampling, SamplingLoop)
    assert sampling._sampler._rate.budget == pytest.approx(budget)
