"""`pi-tui watch` on a real terminal."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.e2e.tmux_terminal import PATIENCE_S, Terminal, needs_tmux, wait_until

TWO_THREADS = """
import threading
def work():
    while True:
        pass
for _ in range(2):
    threading.Thread(target=work).start()
"""
FINAL_LINES = re.compile(r"took turns|for the GIL|queued for a core|Nothing is wrong")
"""The last lines of the final table."""

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="watching needs Linux"),
    needs_tmux,
]


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def call(*arguments: str) -> Terminal:
        opened.append(Terminal(tmp_path, "watch", *arguments))
        return opened[-1]

    yield call
    for each in opened:
        each.close()


@pytest.fixture
def program(tmp_path: Path) -> str:
    """Two threads of pure Python that never end, in a file whose name no other process has."""
    path = tmp_path / "two_threads.py"
    path.write_text(TWO_THREADS)
    return str(path)


def running(argument: str) -> list[psutil.Process]:
    """Return the processes that were started with an argument, without pi-tui's own."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or ()
        if argument in command and "pi_tui" not in command and "tmux" not in command[0]:
            found.append(process)
    return found


def shares(row: str) -> list[float]:
    """Return the shares in a row of the screen or the table; unknown ones count as 0."""
    return [float(share or 0) / 100 for share in re.findall(r"(?<=\s)(?:(\d+)%|-)(?!\w)", row)]


def took_turns(screen: str) -> bool:
    """Return whether the lanes show two threads besides the main one, each waiting for the GIL a fifth of its unqueued time.

    The ledgers below the lanes have a row per thread too.
    """
    if " run   GIL " not in screen:  # it is just being drawn
        return False
    rows = [shares(line) for line in screen.splitlines() if re.search(r" \d+ (Thread-|thread )", line)]
    told = [(row[0], row[1]) for row in rows[:2] if len(row) >= 5]
    return len(told) == 2 and all(run + gil > 0 and gil / (run + gil) >= 0.2 for run, gil in told)


def busiest(screen: str) -> list[dict[str, float]]:
    """Return the shares of time of the two threads that ran most, from the final table."""
    lines = screen.splitlines()
    heading = next(place for place, line in enumerate(lines) if line.split()[:4] == ["pid", "tid", "thread", "seen"])
    rows = [shares(line)[:5] for line in lines[heading + 1 : heading + 3]]
    return [dict(zip(("running", "queued", "GIL", "lock", "I/O"), row, strict=True)) for row in rows]


def test_two_threads_take_turns_on_the_screen_and_q_leaves_nothing(
    terminal: Callable[..., Terminal], program: str
) -> None:
    screen = terminal("--", sys.executable, program)
    screen.until_seen("Two Python threads took turns", "▓", "█")
    wait_until(lambda: took_turns(screen.screen()), screen.screen)
    family = screen.processes()
    assert running(program)
    screen.press("q")
    assert screen.exit_code() == 143  # SIGTERM ended it
    screen.until_restored()
    wait_until(lambda: FINAL_LINES.search(" ".join(screen.screen(history=True).split())), screen.screen)
    both, told = busiest(screen.screen(history=True)), " ".join(screen.screen(history=True).split())
    for thread in both:  # whatever it was queued: who did not run waited for the GIL, and for nothing else
        assert thread["GIL"] >= 4 * (thread["lock"] + thread["I/O"]) - 0.02, told
        assert thread["GIL"] >= 0.2 * (thread["running"] + thread["GIL"]), told
    waited = [thread["GIL"] for thread in both]
    if min(waited) >= 0.1 and max(waited) - min(waited) <= 0.1:
        # Three, where the main thread had to wait long before it could begin the second.
        assert re.search(r"(Two|Three) Python threads took turns", told), told
    elif max(waited) >= 0.06:
        assert "Python thread" in told, told
        assert "of the time for the GIL" in told, told
    else:  # others had the cores for nearly all of the time
        assert "queued for a core" in told, told
    assert not running(program)
    _, alive = psutil.wait_procs(family, timeout=PATIENCE_S)
    assert not alive


def test_the_screen_ends_with_the_program_whose_exit_code_and_words_it_passes_on(
    terminal: Callable[..., Terminal],
) -> None:
    screen = terminal("--", "sh", "-c", "echo words of its own; sleep 0.5; exit 7")
    assert screen.exit_code() == 7
    screen.until_restored()
    screen.until_seen("words of its own")


def test_kill_9_of_the_screen_leaves_neither_command_nor_file(
    terminal: Callable[..., Terminal], program: str, tmp_path: Path
) -> None:
    screen = terminal("--", sys.executable, program)
    screen.until_seen("Two Python threads")
    family = screen.processes()
    assert running(program)
    family[0].kill()
    assert screen.exit_code() == 137
    wait_until(lambda: not running(program), screen.screen)
    _, alive = psutil.wait_procs(family, timeout=PATIENCE_S)
    assert not alive
    assert not list(tmp_path.glob("pi-tui-*"))
    screen.until_on_its_first_screen()
    screen.until_seen("pi-tui was ended by force.")
    assert "is kept" not in screen.screen(history=True)


def test_of_much_that_was_printed_all_is_kept_and_the_end_is_shown(
    terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    screen = terminal("--", "sh", "-c", "echo the beginning; head -c 3000000 /dev/zero; echo; echo the end")
    assert screen.exit_code() == 0
    screen.until_seen("the end", "printed 3 MB")
    (kept,) = tmp_path.glob("pi-tui-watch-*.log")
    assert kept.read_bytes() == b"the beginning\n" + bytes(3_000_000) + b"\nthe end\n"


def test_json_lines_need_no_screen_and_a_duration_ends_the_command(
    terminal: Callable[..., Terminal], program: str, tmp_path: Path
) -> None:
    printed = tmp_path / "printed"
    screen = terminal("--format", "jsonl", "--duration", "1.5", "--output", str(printed), "--", sys.executable, program)
    assert screen.exit_code() == 0
    screen.until_restored()
    wait_until(lambda: '"kind": "summary"' in screen.screen(history=True).replace("\n", ""), screen.screen)
    assert not running(program)
    assert printed.read_text() == ""
