"""`pi-tui log compare`."""

from __future__ import annotations

import json

import pytest

from tests.cli.log.log_history import History


def test_compare_separates_change_from_noise_and_names_what_differed(two: History) -> None:
    printed = two("compare", "1", "last").stdout
    assert "usable cores: 3 before, 8 after" in " ".join(printed.split())
    assert "No more than noise:" in printed
    assert "Faster:" in printed
    found = json.loads(two("compare", "1", "2", "--format", "json").stdout)
    assert [case["verdict"] for case in found["cases"]] == ["noise", "faster"]
    assert found["cases"][1]["ratio"] == pytest.approx(0.5)
    assert found["before"]["id"] == 1
