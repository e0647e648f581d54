"""One host: messages, failures, the log, and descriptors."""

from __future__ import annotations

import gc
import os
import signal
import stat
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from pi_tui.engine.errors import HostError
from pi_tui.engine.hosts import host_reader
from pi_tui.engine.hosts.host_command import HostCommand
from pi_tui.engine.hosts.host_failures import HostCrashed, HostStopped, HostTimeout
from pi_tui.engine.hosts.host_pipes import LOG_BYTES
from pi_tui.engine.hosts.host_process import HostProcess
from pi_tui.engine.hosts.run_folder import find_temporary_root
from pi_tui.engine.paths import Paths
from pi_tui.host.protocol import Prepare, Prepared
from pi_tui.observe.proc.process_tree import is_alive
from tests.engine.fault_injection import DEADLINE_S, Remains, inject_fault, request_fault, wait_until


def test_a_host_reports_its_pid_and_answers(host: HostProcess) -> None:
    assert host.pid == host.ready.pid
    assert Remains(host.run_id).processes() == {host.pid}
    inject_fault(host, "nothing")


def test_messages_keep_their_order(host: HostProcess) -> None:
    for number in range(200):
        request_fault(host, f"kernel {number}")
    answers = [host.receive(DEADLINE_S) for _ in range(200)]
    assert [answer.kernel for answer in answers if isinstance(answer, Prepared)] == [f"kernel {n}" for n in range(200)]


def test_lines_may_be_longer_than_any_pipe(host: HostProcess) -> None:
    length = 3_000_000
    request_fault(host, "long line", length)
    answer = host.receive(DEADLINE_S)
    assert isinstance(answer, Prepared)
    assert len(answer.kernel) == length
    host.send(Prepare("nothing", "y" * length, ""))
    assert isinstance(host.receive(DEADLINE_S), Prepared)


def test_silence_is_a_time_out_that_the_host_survives(host: HostProcess) -> None:
    with pytest.raises(HostTimeout):
        host.receive(0.0)
    inject_fault(host, "nothing")


def test_a_crash_is_reported_by_the_name_of_its_signal(host: HostProcess) -> None:
    request_fault(host, "crash")
    with pytest.raises(HostCrashed) as crashed:
        host.receive(DEADLINE_S)
    assert crashed.value.failure.type == "SIGSEGV"
    assert "SIGSEGV" in str(crashed.value)
    assert crashed.value.ended is not None
    assert crashed.value.ended.exit_code == -11
    with pytest.raises(HostCrashed):
        host.receive()
    with pytest.raises(HostCrashed):
        request_fault(host, "nothing")


def test_an_exit_is_reported_with_its_code_and_output(host: HostProcess) -> None:
    request_fault(host, "exit", 3)
    with pytest.raises(HostCrashed, match="exit code 3") as crashed:
        host.receive(DEADLINE_S)
    assert crashed.value.failure.type == "Exit"
    assert "leaving now" in crashed.value.failure.traceback


def test_messages_sent_before_a_crash_arrive_before_it(host: HostProcess) -> None:
    request_fault(host, "nothing")
    request_fault(host, "long line", 300_000)
    request_fault(host, "crash")
    assert isinstance(host.receive(DEADLINE_S), Prepared)
    assert isinstance(host.receive(DEADLINE_S), Prepared)
    with pytest.raises(HostCrashed):
        host.receive(DEADLINE_S)


def test_a_broken_line_ends_the_host(host: HostProcess) -> None:
    request_fault(host, "broken line")
    for _ in range(2):
        with pytest.raises(HostError, match="this is no message") as broken:
            host.receive(DEADLINE_S)
        assert not isinstance(broken.value, HostCrashed | HostStopped)
    Remains(host.run_id).wait_until_empty()


def test_a_host_that_closes_its_events_but_lives_on_is_ended(
    host: HostProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_reader, "_SILENCE_S", 0.1)
    request_fault(host, "close events")
    with pytest.raises(HostError, match="closed its events"):
        host.receive(DEADLINE_S)
    Remains(host.run_id).wait_until_empty()


def test_a_dead_host_whose_observer_takes_its_time_has_crashed(
    host: HostProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lives_once_killed(pid: int) -> bool:
        """A killed process closes its pipes before it is dead: long before, if it has to wait for a core."""
        wait_until(lambda: not is_alive(pid), "it outlives SIGKILL")
        return False

    monkeypatch.setattr(host_reader, "_SILENCE_S", 0.1)
    monkeypatch.setattr(host_reader, "is_alive", lives_once_killed)
    os.kill(host.observer_pid, signal.SIGSTOP)
    os.kill(host.pid, signal.SIGKILL)
    with pytest.raises(HostCrashed) as crashed:
        host.receive(DEADLINE_S)
    assert crashed.value.failure.type == "SIGKILL"
    assert crashed.value.ended is not None


def test_what_is_printed_neither_blocks_nor_fills_memory(host: HostProcess) -> None:
    inject_fault(host, "print", 64)
    wait_until(lambda: host.log_tail().endswith("the end\n"), "the log's end never came")
    assert len(host.log_tail()) <= LOG_BYTES


def test_a_sender_to_a_host_that_does_not_read_is_freed_by_stop(host: HostProcess) -> None:
    request_fault(host, "deaf")
    raised: list[BaseException] = []

    def send() -> None:
        try:
            host.send(Prepare("nothing", "y" * 3_000_000, ""))
        except HostError as error:
            raised.append(error)

    sender = threading.Thread(target=send)
    sender.start()
    host.stop()
    sender.join(DEADLINE_S)
    assert [type(error) for error in raised] == [HostStopped]


def test_a_receiver_is_freed_by_stop_in_another_thread(host: HostProcess) -> None:
    threading.Thread(target=host.stop).start()
    with pytest.raises(HostStopped):
        host.receive(DEADLINE_S)


def test_stop_may_be_repeated(host: HostProcess) -> None:
    first = host.stop()
    assert first is not None
    assert first.exit_code == -9
    assert host.stop() is first
    with pytest.raises(HostStopped):
        host.receive()


@pytest.mark.parametrize(
    ("python", "words"),
    [("/bin/true", "exit code 0"), ("/bin/cat", "exit code 1"), ("/nowhere/python", "cannot be started")],
)
def test_a_program_that_is_not_a_python_is_a_host_error(python: str, words: str, paths: Paths) -> None:
    with pytest.raises(HostError, match=words) as refused:
        HostProcess.start(HostCommand(python, foreign=True), paths)
    assert python in str(refused.value)


def test_the_log_of_a_failed_start_is_in_the_error(tmp_path: Path, paths: Paths) -> None:
    script = tmp_path / "complains"
    script.write_text("#!/bin/sh\necho 'I would rather not' >&2\nexit 7\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    with pytest.raises(HostError, match=r"(?s)exit code 7.*I would rather not"):
        HostProcess.start(HostCommand(str(script)), paths)


def test_a_host_that_never_gets_ready_times_out_and_is_ended(tmp_path: Path, paths: Paths) -> None:
    script = tmp_path / "sleeps"
    script.write_text("#!/bin/sh\nexec sleep 3600\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    host = HostProcess.launch(HostCommand(str(script)), paths)
    with pytest.raises(HostTimeout):
        host.wait_until_ready(0.05)
    host.close()
    Remains(host.run_id).wait_until_empty()


def test_a_host_whose_cache_cannot_be_written_does_without_and_leaves_nothing(fake_python: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    host = HostProcess.start(HostCommand(fake_python), Paths(tmp_path, tmp_path / "file" / "cache"))
    folder = find_temporary_root() / host.run_id
    assert (folder / "cache").is_dir()
    host.close()
    assert not folder.exists()
    Remains(host.run_id).wait_until_empty()


def test_starting_and_stopping_leaves_no_descriptor_and_no_thread(fake_python: str, paths: Paths) -> None:
    def open_now() -> int:
        gc.collect()  # so that leftovers of other tests are not closed meanwhile
        return len(os.listdir("/proc/self/fd"))

    HostProcess.start(HostCommand(fake_python), paths).close()
    before, threads = open_now(), threading.active_count()
    for turn in range(20):
        host = HostProcess.start(HostCommand(fake_python), paths)
        if turn % 2:
            request_fault(host, "exit", 0)
            with pytest.raises(HostCrashed):
                host.receive(DEADLINE_S)
        host.close()
    wait_until(lambda: open_now() <= before, "a descriptor stayed")
    wait_until(lambda: threading.active_count() <= threads, "a thread stayed")


def test_the_observer_holds_nothing_of_the_hosts_pipes_nor_another_hosts_control(
    fake_python: str, paths: Paths, host: HostProcess
) -> None:
    def pipes(pid: int) -> set[str]:
        folder, found = f"/proc/{pid}/fd", set()
        for name in os.listdir(folder):
            with suppress(FileNotFoundError):  # closed meanwhile, for example by an import
                found.add(os.readlink(f"{folder}/{name}"))
        return {each for each in found if each.startswith("pipe:")}

    def shared(of: HostProcess) -> int:
        return len(pipes(of.observer_pid) & pipes(of.pid))

    second = HostProcess.start(HostCommand(fake_python), paths)
    try:
        # Once it has started the host, an observer closes its ends of the pipes; the log and the roll call remain.
        wait_until(lambda: shared(host) == shared(second) == 2, f"shared: {shared(host)} and {shared(second)} pipes")
        assert not pipes(host.observer_pid) & pipes(second.observer_pid)
        assert not pipes(host.pid) & pipes(second.pid)
    finally:
        second.close()


def test_the_observer_sleeps_while_nothing_ends(host: HostProcess) -> None:
    def wake_ups() -> int:
        status = Path(f"/proc/{host.observer_pid}/status").read_text()
        return int(status.partition("\nvoluntary_ctxt_switches:")[2].split()[0])

    inject_fault(host, "nothing")

    def woken() -> int:
        before = wake_ups()
        for _ in range(200):
            inject_fault(host, "nothing")
        return wake_ups() - before

    wait_until(
        lambda: Path(f"/proc/{host.observer_pid}/stat").read_text().rpartition(")")[2].split()[0] == "S", "it is busy"
    )
    # It may have slept while it was starting; an observer that read every answer would wake up every time.
    assert any(woken() <= 2 for _ in range(5))
