"""The observer: the host's parent process. It samples the workers and, at the end, kills and removes what the host left.

It has one thread and one loop. It wakes when the app sends a command or closes the control pipe, when a descendant ends
(SIGCHLD), and for the sampler's ticks. Otherwise it sleeps, so that it takes no CPU time from what is measured.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from pi_tui.observe.process import cleanup
from pi_tui.observe.process.launch_spec import NEVER_STARTED, STACKS, STACKS_OF, STOP, LaunchSpec
from pi_tui.observe.process.pipes import write_all
from pi_tui.observe.process.subreaper import become_subreaper, create_signal_wakeup, die_with_parent

if TYPE_CHECKING:
    # At run time both are imported once the host has been started: it takes a while.
    from pi_tui.host.protocol import Message
    from pi_tui.observe.process.sampling_loop import SamplingLoop


STACKS_PAUSE_S = 0.05
"""For the C code of one process to write its stacks, before the next process is asked."""


class Observer:
    """Starts one host and runs until the host and all its descendants have ended.

    Args:
        spec: the host to start.
        control: descriptor of the pipe on which the app sends commands; it ends when the app ends.
        unread: bytes that were already read from `control` after the launch spec.
        start_sampling: makes the sampling loop from the read end of the pipe of worker events and a function that sends a
            message to the app; None: do not sample.
        clock: seconds.
    """

    def __init__(
        self,
        spec: LaunchSpec,
        control: int,
        unread: bytes = b"",
        *,
        start_sampling: Callable[[int, Callable[[Message], None]], SamplingLoop] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._spec = spec
        self._control = control
        self._partial_line = b""
        self._start_sampling = start_sampling
        self._sampling: SamplingLoop | None = None
        self._clock = clock
        self._host: int | None = None
        self._host_has_ended = False
        self._host_status: int | None = None
        self._stopping = False
        self._signal = 0
        self._wakeup = create_signal_wakeup(self._on_termination)
        self._read_commands(unread)

    def run(self) -> None:
        """Start the host, sample until it ends, clean up, and report the host's start and end to the app."""
        become_subreaper()
        try:
            self._start()
            self._run_until_host_ends()
        finally:
            self._end()

    def _start(self) -> None:
        spec = self._spec
        reading, writing = os.pipe()
        _configure_event_pipe(reading, writing)
        try:
            process = subprocess.Popen(
                spec.command if self._start_sampling is None else (*spec.command, "--roll-call", str(writing)),
                env=spec.environment,
                pass_fds=(spec.requests, spec.events, writing),
                stdin=subprocess.DEVNULL,
                stdout=sys.stderr.fileno(),  # the app's log pipe, as standard error is by inheritance
                start_new_session=True,
                preexec_fn=die_with_parent(os.getpid()),
            )
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            print(f"{spec.command[0]} cannot be started: {error}", file=sys.stderr, flush=True)
            return
        finally:
            os.close(spec.requests)  # so that the app reads the end of both pipes once the host has ended
            os.close(spec.events)
            os.close(writing)
        self._host = process.pid
        process.returncode = 0  # `_reap_all` waits for the host, not `subprocess`
        from pi_tui.host.protocol import HostStarted

        self._send(HostStarted(process.pid, os.getpid()))
        if self._start_sampling is not None:
            self._sampling = self._start_sampling(reading, self._send)

    def _run_until_host_ends(self) -> None:
        while self._host is not None and not self._host_has_ended and not self._stopping:
            sampling = self._sampling
            if sampling is None or not sampling.workers_active:
                self._wait(None, sampling)
            elif sampling.sample_until_readable(self._wakeup_descriptors()):
                self._wait(0.0)
            else:
                self._sampling = None

    def _wakeup_descriptors(self) -> list[int]:
        """Return the descriptors to wait on besides the pipe of worker events."""
        return [self._wakeup] if self._stopping else [self._wakeup, self._control]

    def _wait(self, timeout_s: float | None, sampling: SamplingLoop | None = None) -> None:
        """Sleep until a descriptor is readable, at most `timeout_s`; then read commands and worker events, and reap orphans."""
        descriptors = self._wakeup_descriptors()
        if sampling is not None:
            descriptors.append(sampling.descriptor)
        ready, _, _ = select.select(descriptors, [], [], timeout_s)
        if not ready and not self._stopping:
            return
        if self._wakeup in ready:
            with suppress(BlockingIOError):
                os.read(self._wakeup, 4096)
        if self._control in ready:
            data = os.read(self._control, 65536)
            self._read_commands(data)
            self._stopping = self._stopping or not data  # the end of the pipe: the app has ended
        if sampling is not None and sampling.descriptor in ready and not sampling.read_worker_events():
            self._sampling = None
        self._reap_orphans()

    def _read_commands(self, data: bytes) -> None:
        *lines, self._partial_line = (self._partial_line + data).split(b"\n")
        self._stopping = self._stopping or STOP in lines
        if STACKS in lines and not self._stopping:
            self._request_stacks()

    def _request_stacks(self) -> None:
        """Signal the host and its workers, one after the other, so that their stacks do not mix in the log."""
        from pi_tui.host.worker_runtime import STACKS_SIGNAL

        pids = [] if self._host is None or self._host_has_ended else [self._host]
        pids += [pid for pid in (self._sampling.worker_pids() if self._sampling is not None else ()) if pid not in pids]
        for pid in pids if STACKS_SIGNAL else ():
            print(f"{STACKS_OF}{pid}", file=sys.stderr, flush=True)
            with suppress(OSError):
                os.kill(pid, STACKS_SIGNAL)
            time.sleep(STACKS_PAUSE_S)

    def _reap_orphans(self) -> None:
        """Reap ended orphans, which are a subreaper's children, but not the host: unreaped, it keeps its process id."""
        with suppress(ChildProcessError):
            while (dead := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) is not None:
                if dead.si_pid == self._host:
                    self._host_has_ended = True
                    return
                os.waitpid(dead.si_pid, os.WNOHANG)

    def _reap_all(self) -> bool:
        """Reap all ended children; return whether any child is left."""
        try:
            while (dead := os.waitpid(-1, os.WNOHANG))[0] != 0:
                if dead[0] == self._host:
                    self._host_status = dead[1]
        except ChildProcessError:
            return False
        return True

    def _on_termination(self) -> None:
        if not self._stopping and not self._host_has_ended:
            self._signal = signal.SIGTERM
        self._stopping = True
        print("The observer received SIGTERM from outside.", file=sys.stderr, flush=True)

    def _end(self) -> None:
        self._stopping = True
        spec = self._spec
        criteria = cleanup.ProcessCriteria(spec.run_id, self._host, ancestor=os.getpid())
        cleaned = cleanup.clean_up(
            criteria, spec.temporary, children_remain=self._reap_all, wait=self._wait, clock=self._clock
        )
        status = self._host_status
        if self._host is None:
            exit_code = NEVER_STARTED
        elif status is None:  # the host could not be killed
            exit_code = -signal.SIGKILL
        else:
            exit_code = os.waitstatus_to_exitcode(status)
        from pi_tui.host.protocol import HostEnded

        self._send(HostEnded(exit_code, cleaned.ended, cleaned.removed, cleaned.survivors, self._signal))

    def _send(self, message: Message) -> None:
        from pi_tui.host.protocol import encode

        with suppress(OSError):  # the app may have ended
            write_all(self._spec.report, encode(message))


def _configure_event_pipe(reading: int, writing: int) -> None:
    """Make both ends of the pipe non-blocking, and its buffer as large as allowed: a lost record is a gap in a lane."""
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    with suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 1 << 20)
