"""`pi-tui kernels` and `pi-tui modes`."""

from __future__ import annotations

import json
import multiprocessing
from typing import Any

import pytest

from pi_tui.cli import catalogs
from pi_tui.host.kernels.catalog import KERNELS
from pi_tui.host.modes.catalog import MODES
from tests.cli.calling import output_of


@pytest.mark.parametrize(("command", "catalog"), [("kernels", KERNELS), ("modes", MODES)])
def test_everything_in_the_catalog_is_listed(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str, catalog: dict[str, Any]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = output_of(capfd, command).splitlines()
    assert set(catalog) <= {line.split()[0] for line in lines if line}
    assert all(len(line) <= 80 for line in lines)
    entries = json.loads(output_of(capfd, command, "--format", "json"))
    assert [entry["name"] for entry in entries] == list(catalog)
    assert all(entry["available"] is True and entry["reason"] is None for entry in entries)


def test_modes_list_their_options(capfd: pytest.CaptureFixture[str]) -> None:
    modes = {entry["name"]: entry for entry in json.loads(output_of(capfd, "modes", "--format", "json"))}
    assert modes["threads"]["start_methods"] == []
    assert set(modes["pool-map"]["start_methods"]) <= set(multiprocessing.get_all_start_methods())
    assert "spawn" in modes["pool-map"]["start_methods"]
    assert "shared-memory" in modes["processes"]["transports"]
    assert modes["pool-map"]["transports"] == []


def test_unavailable_entries_say_why(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogs, "find_spec", lambda name: None)
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    out = output_of(capfd, "kernels")
    assert "Unavailable: numba: numba cannot be found in this Python." in out
    assert "Unavailable: python" not in out
    out = output_of(capfd, "modes")
    assert "Unavailable: start method fork: this system does not have it." in out
    assert "Unavailable: transport shared-memory: numpy cannot be found in this Python." in out
