"""Text from elsewhere goes through one gate: no control character but the program's own reaches a terminal."""

from __future__ import annotations

import copy
import json
import os
import pty
import random
import re
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pi_tui.analysis.text.strip_escapes import spell_escapes, strip_deep, strip_escapes
from pi_tui.engine.errors import PiTuiError
from pi_tui.storage.export.formats import FORMATS, export_run
from pi_tui.storage.export.json_format import to_json
from pi_tui.storage.history import edits, queries, transfer
from pi_tui.storage.history.database import open_history
from pi_tui.storage.run_record import RunRecord

HOSTILE = (
    "\x1b]0;X\x07", "\x1b[31m", "\x9b31m", "\u202eevil", "\x1b]52;c;aGk=\x07", "\x1bc", "\x08\x08", "\x00", "\x85", "\u2066x",
    "\x1b[2J\x1b[H", "\r", "\x1b]8;;http://x\x1b\\y",
)  # fmt: skip
NEVER = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
DOCUMENTS = 2000
ON_A_TERMINAL = 20


def poison(value: Any, dice: random.Random) -> Any:
    """Put hostile text into some of the texts of a document, and impossible figures in the place of some numbers."""
    if isinstance(value, str):
        return value + dice.choice(HOSTILE) if dice.random() < 0.3 else value
    if isinstance(value, dict):
        return {key: poison(each, dice) for key, each in value.items()}
    if isinstance(value, list):
        return [poison(each, dice) for each in value]
    if isinstance(value, int | float) and not isinstance(value, bool) and dice.random() < 0.002:
        return dice.choice([-5, 0, 1e30, float("nan"), float("inf"), 10**300, "x", None, []])
    return value


@pytest.fixture
def document(run_record: RunRecord) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(to_json(run_record))
    return found


def test_no_hostile_document_puts_a_control_character_anywhere(document: dict[str, Any], tmp_path: Path) -> None:
    dice = random.Random(16)
    accepted = 0
    path = tmp_path / "run.json"
    with open_history(tmp_path / "history.db", lambda _: None) as database:
        for number in range(DOCUMENTS):
            hostile = poison(copy.deepcopy(document), dice)
            hostile["machine"]["system"] = f"{number}"
            path.write_text(json.dumps(hostile))
            try:
                (run_id,) = transfer.import_file(database, path, 1e9, lambda _: None)
            except PiTuiError:
                continue
            accepted += 1
            record = queries.load_run(database, run_id)
            entry = queries.get_run_entry(database, run_id)
            assert not NEVER.search(f"{entry.title}{entry.note}{entry.pythons}{entry.reason}")
            for format in FORMATS if number % 50 == 0 else ("csv",):
                try:
                    shown = export_run(record, format).decode()
                except PiTuiError:
                    continue
                assert not NEVER.search(shown.replace("\r\n", "\n")), format
    assert accepted > DOCUMENTS / 20, "the others were refused: they test nothing"


def on_a_terminal(*arguments: str, home: Path) -> str:
    """What a command writes to a terminal."""
    parent, child = pty.openpty()
    environment = {**os.environ, "PI_TUI_HOME": str(home), "TERM": "dumb", "NO_COLOR": "1", "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "pi_tui", *arguments]
    process = subprocess.Popen(command, stdin=child, stdout=child, stderr=child, env=environment, close_fds=True)
    os.close(child)
    written = b""
    while True:
        ready, _, _ = select.select([parent], [], [], 60)
        try:
            data = os.read(parent, 65536) if ready else b""
        except OSError:  # the terminal's other end is closed
            data = b""
        if not data:
            break
        written += data
    process.wait(60)
    os.close(parent)
    return written.decode("utf-8", "replace").replace("\r\n", "\n")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_a_terminal_is_given_no_control_character_of_a_document(document: dict[str, Any], tmp_path: Path) -> None:
    dice = random.Random(61)
    path = tmp_path / "run.json"
    ways = [
        ["log", "show", "last", *more] for more in ([], ["--explain"], ["--plot"], *(["--format", f] for f in FORMATS))
    ]
    shown = 0
    for number in range(ON_A_TERMINAL):
        hostile = copy.deepcopy(document)
        for result in hostile["results"]:
            result["kernel"] += dice.choice(HOSTILE)
            result["python"] += dice.choice(HOSTILE)
            for advice in result["advice"]:
                advice["sentence"] += dice.choice(HOSTILE)
        hostile["machine"]["system"] = f"{number}{dice.choice(HOSTILE)}"
        path.write_text(json.dumps(hostile))
        told = on_a_terminal("log", "import", str(path), home=tmp_path / "home")
        if "imported" not in told:
            continue
        shown += 1
        told += on_a_terminal(*ways[number % len(ways)], home=tmp_path / "home")
        told += on_a_terminal("log", "list", home=tmp_path / "home") if number % 5 == 0 else ""
        assert not NEVER.search(told), told
    assert shown > ON_A_TERMINAL / 2


def test_a_note_and_a_database_of_somebody_elses_are_clean_where_they_are_read(
    run_record: RunRecord, tmp_path: Path
) -> None:
    path = tmp_path / "run.json"
    path.write_text(to_json(run_record))
    with open_history(tmp_path / "history.db", lambda _: None) as database:
        (run_id,) = transfer.import_file(database, path, 1e9, lambda _: None)
        edits.set_note(database, run_id, "a\x1b[31mb\u202e")
        assert queries.get_run_entry(database, run_id).note == "ab"
        with database.transaction() as connection:
            connection.execute("UPDATE runs SET note = ?", ("c\x1b]0;X\x07d",))
        assert queries.get_run_entry(database, run_id).note == "cd"


@pytest.mark.parametrize("text", HOSTILE)
def test_the_gate_leaves_nothing_of_a_command(text: str) -> None:
    assert not NEVER.search(strip_escapes(f"a{text}b"))
    assert not NEVER.search(json.dumps(strip_deep({text: [text]}), ensure_ascii=False))
    spelt = spell_escapes(json.dumps(text, ensure_ascii=False))
    assert not NEVER.search(spelt)
    assert json.loads(spelt) == text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"samples": 0}, r"results\[0\]\.samples is 0"),
        ({"workers": -1}, r"results\[0\]\.workers is -1"),
        ({"samples": 10**300}, r"results\[0\]\.samples is 10000"),
        ({"speedup": -3.0}, r"results\[0\]\.speedup is -3"),
    ],
)
def test_a_figure_without_meaning_is_refused_at_the_door_with_its_name(
    document: dict[str, Any], change: dict[str, Any], field: str, tmp_path: Path
) -> None:
    document["results"][0] |= change
    path = tmp_path / "run.json"
    path.write_text(json.dumps(document))
    with (
        open_history(tmp_path / "history.db", lambda _: None) as database,
        pytest.raises(PiTuiError, match=field),
    ):
        transfer.import_file(database, path, 1e9, lambda _: None)


def test_results_that_are_no_list_are_refused(document: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text(json.dumps(document | {"results": "x"}))
    with (
        open_history(tmp_path / "history.db", lambda _: None) as database,
        pytest.raises(PiTuiError, match="results is not a list"),
    ):
        transfer.import_file(database, path, 1e9, lambda _: None)
