"""Finding the GILs of a program that does not report them: by the waiters' addresses and wake-up rates."""

from __future__ import annotations

from pi_tui.observe.process.gil_locations import MappedFile
from pi_tui.observe.watch.gil_search import GilSearch, find_python_version

LIBRARY = MappedFile("/usr/lib/libpython3.13.so.1.0", range(0x1000, 0x9000))
PROGRAM = MappedFile("/usr/bin/thing", range(0x100000, 0x110000))
HEAP = 0x7F0000


def search(*modules: MappedFile) -> GilSearch:
    return GilSearch(lambda pid: list(modules))


def test_a_timed_futex_in_the_interpreters_data_is_the_gil() -> None:
    gils = search(PROGRAM, LIBRARY)
    assert gils.find_state(1) == "unknown"
    assert gils.add_timed_wait(1, 10, 0x2004)
    assert 0x2004 in gils.find(1, 0x2004)
    assert gils.find_state(1) == "known"


def test_a_program_that_is_no_python_has_none() -> None:
    gils = search(PROGRAM)
    assert not gils.add_timed_wait(1, 10, 0x100008)
    assert gils.find_state(1) == "none"
    assert not gils.find(1, 0x100008)


def test_maps_are_read_again_if_the_library_was_not_yet_mapped() -> None:
    mapped = [MappedFile("/usr/bin/python3.11", range(0x100, 0x200))]
    gils = GilSearch(lambda pid: list(mapped))
    assert gils.find_version(1) == "3.11"
    mapped.append(MappedFile("/usr/lib/libpython3.11.so.1.0", range(0x1000, 0x9000)))
    assert gils.add_timed_wait(1, 10, 0x2004)
    assert 0x2004 in gils.find(1, 0x2004)


def test_a_program_that_loads_python_later_is_recognised() -> None:
    mapped = [PROGRAM]
    gils = GilSearch(lambda pid: list(mapped))
    assert [gils.find_version(1) for _ in range(5)] == [""] * 5
    mapped.append(LIBRARY)
    assert "3.13" in [gils.find_version(1) for _ in range(5)]


def test_maps_are_reread_ever_more_rarely() -> None:
    readings = []
    gils = GilSearch(lambda pid: readings.append(pid) or [PROGRAM])  # type: ignore[func-returns-value]
    for _ in range(1000):
        gils.add_timed_wait(1, 10, HEAP)
    assert 2 < len(readings) < 20


def test_an_embedded_python_is_recognised_by_its_extension_modules() -> None:
    extension = MappedFile("/usr/lib/python3.12/lib-dynload/_json.cpython-312-x86_64-linux-gnu.so", range(0x500, 0x600))
    gils = search(PROGRAM, extension)
    assert gils.find_version(1) == "3.12"
    assert gils.add_timed_wait(1, 10, 0x100008)
    assert gils.find(1, 0x100008)


def shared_futex_on_the_heap(gils: GilSearch, wakes_per_s: float) -> bool:
    for _ in range(3):
        for _ in range(50):
            gils.add_timed_wait(1, 10, HEAP)
            gils.add_timed_wait(1, 11, HEAP)
        gils.evaluate_candidates(0.001, lambda pid, tid: wakes_per_s)
    return bool(gils.find(1, HEAP))


def test_on_the_heap_the_wake_up_rate_distinguishes_a_gil_from_a_timed_lock() -> None:
    assert shared_futex_on_the_heap(search(LIBRARY), 200.0)
    assert not shared_futex_on_the_heap(search(LIBRARY), 2.0)


def test_a_subinterpreters_gil_is_found_once() -> None:
    gils = search(LIBRARY)
    assert shared_futex_on_the_heap(gils, 200.0)
    assert gils.evaluate_candidates(0.001, lambda pid, tid: 200.0) == []


def test_a_futex_without_waits_is_dropped_with_its_evaluations() -> None:
    gils = search(LIBRARY)

    def seen_twice() -> list[tuple[int, range]]:
        for _ in range(2):
            for _ in range(50):
                gils.add_timed_wait(1, 10, HEAP)
                gils.add_timed_wait(1, 11, HEAP)
            found = gils.evaluate_candidates(0.001, lambda pid, tid: 200.0)
        return found

    assert seen_twice() == []
    for _ in range(100):
        gils.evaluate_candidates(0.001, lambda pid, tid: 200.0)
    assert seen_twice() == []
    for _ in range(50):
        gils.add_timed_wait(1, 10, HEAP)
        gils.add_timed_wait(1, 11, HEAP)
    assert gils.evaluate_candidates(0.001, lambda pid, tid: 200.0) == [(1, gils.find(1, HEAP))]


def test_a_lock_with_many_waiters_is_dropped_only_after_evaluations() -> None:
    gils = search(LIBRARY)
    for _ in range(1000):
        gils.add_timed_wait(1, 10, HEAP)
        hopeful = gils.add_timed_wait(1, 11, HEAP)
    assert hopeful
    for _ in range(3):
        for _ in range(50):
            gils.add_timed_wait(1, 10, HEAP)
            gils.add_timed_wait(1, 11, HEAP)
        gils.evaluate_candidates(0.001, lambda pid, tid: 2.0)
    assert not gils.add_timed_wait(1, 11, HEAP)


def test_before_3_12_subinterpreters_have_no_gil_of_their_own() -> None:
    old = MappedFile("/usr/bin/python3.11", range(0x1000, 0x9000))
    assert not shared_futex_on_the_heap(search(old), 200.0)


def test_a_free_threaded_version_is_recognised() -> None:
    folder = MappedFile("/lib/python3.13t/lib-dynload/x.so", range(1))
    assert find_python_version([MappedFile("/bin/python3.13", range(1)), folder]) == "3.13t"
    assert find_python_version([PROGRAM]) == ""
