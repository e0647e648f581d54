"""A process's identity distinguishes it from every other process, also from a later one with its id."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

from pi_tui.observe.meters import process_identity


def test_this_process_is_alive() -> None:
    own = process_identity.identify_this_process()
    assert own.pid == os.getpid()
    assert process_identity.is_alive(own) is True


def test_a_later_process_with_the_same_id_is_another() -> None:
    own = process_identity.identify_this_process()
    assert process_identity.is_alive(replace(own, born=own.born + 1)) is False


def test_a_process_from_before_the_last_boot_has_ended() -> None:
    own = process_identity.identify_this_process()
    _, _, space = own.place.partition("/")
    assert process_identity.is_alive(replace(own, place=f"another-boot/{space}")) is False


def test_processes_of_another_machine_or_container_cannot_be_checked() -> None:
    own = process_identity.identify_this_process()
    boot, _, _ = own.place.partition("/")
    assert process_identity.is_alive(replace(own, host="elsewhere.example")) is None
    assert process_identity.is_alive(replace(own, place=f"{boot}/1")) is None


def test_a_zombie_is_not_alive_even_before_it_is_reaped() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    own = process_identity.identify_this_process()
    there = replace(own, pid=child.pid, born=process_identity._read_birth(child.pid) or -1)
    assert process_identity.is_alive(there) is True
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert process_identity.is_alive(there) is False
    child.communicate()
    assert process_identity.is_alive(there) is False
