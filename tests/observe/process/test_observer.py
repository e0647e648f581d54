"""The observer's loop, in a process of its own: it buries whoever ends below it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pi_tui.observe.process.__main__ import _start_sampling as lookout_of
from pi_tui.observe.process.launch_spec import LaunchSpec
from pi_tui.observe.process.sampling_loop import SamplingLoop

ROOT = Path(__file__).parents[3]

TICKING = """
import os, select, sys, time
from pi_tui.observe.process.observer import Observer
from pi_tui.observe.process.launch_spec import LaunchSpec

hear, say = os.pipe()
unused, report = os.pipe()
requests, events = os.pipe()

class Sampling:
    def __init__(self, descriptor, tell):
        self.descriptor = descriptor
        self.ticks = self.heard = self.woken = 0

    @property
    def workers_active(self):
        return self.heard and self.ticks < 50

    def read_worker_events(self):
        try:
            self.heard += len(os.read(self.descriptor, 99))
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
                os.write(say, b"something else\\n")
        os.write(say, b"stop\\n")
        return True

made = []
def make(descriptor, tell):
    made.append(Sampling(descriptor, tell))
    return made[0]

program = "import os, sys, time; os.write(int(sys.argv[2]), b'somebody'); time.sleep(3600)"
spec = LaunchSpec("pt-test", (sys.executable, "-c", program), dict(os.environ), requests, events, report, "/nowhere")
Observer(spec, hear, start_sampling=make).run()
print(made[0].ticks, made[0].woken, made[0].heard)
"""


def test_a_lookout_wakes_when_it_hears_and_looks_on_until_stop() -> None:
    done = subprocess.run([sys.executable, "-c", TICKING], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["50", "1", "8"], done.stderr


def test_an_app_that_goes_before_it_gave_an_order_is_no_error() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pi_tui.observe.process", "0"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_an_order_survives_the_way_with_names_that_are_no_utf8() -> None:
    spec = LaunchSpec("pt-1", ("python", "-P"), {"ODD": "\udcff", "TEXT": "zwölf\nlines"}, 3, 4, 5, "/tmp/pt-1")
    line = spec.encode()
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert LaunchSpec.decode(line) == spec


def test_a_person_may_say_how_often_lanes_are_looked_at() -> None:
    spec = LaunchSpec("pt-1", ("python",), {}, 3, 4, 5, "/tmp/pt-1", lanes_shown=True, lanes_hz=800)
    sampling = lookout_of(LaunchSpec.decode(spec.encode()), 6, lambda _: None)
    assert isinstance(sampling, SamplingLoop)
    assert sampling._sampler._rate.begin_trial(2) == 1_250_000


@pytest.mark.parametrize(("cores", "budget"), [(1, 0.01), (2, 0.03), (64, 0.03)])
def test_what_looking_may_cost_follows_from_the_cores_that_the_app_knows(cores: int, budget: float) -> None:
    spec = LaunchSpec("pt-1", ("python",), {}, 3, 4, 5, "/tmp/pt-1", lanes_shown=True, cores=cores)
    sampling = lookout_of(spec, 6, lambda _: None)
    assert isinstance(sampling, SamplingLoop)
    assert sampling._sampler._rate.budget == pytest.approx(budget)
