"""Voluntary switches and page faults of a thread, asked of the system in one call: for processes that live long."""

import atexit
import os

from pi_tui.host import worker_runtime

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]


def read_usage() -> tuple[int, int]:
    """Both of this thread since it was born; -1 where they are not told."""
    if resource is None or not hasattr(resource, "RUSAGE_THREAD"):
        return -1, -1
    usage = resource.getrusage(resource.RUSAGE_THREAD)
    return usage.ru_nvcsw, usage.ru_minflt + usage.ru_majflt


def use_getrusage() -> None:
    """From now on readings of this process, of its threads and of its forks, ask in this way.

    It does not let go of the GIL as reading a file does, which would be a hand-over more around each call.
    """
    worker_runtime.set_usage_reader(read_usage)


def start_reporting(readings: int, events: int) -> None:
    """In a worker that is a subinterpreter: its readings go to the descriptor `readings`, and its events to `events`.

    Both are the process's own. A pool calls this once a worker.
    """
    use_getrusage()  # descriptors are shared by all workers: one file for each is enough
    worker_runtime.set_reading_sink(lambda record: os.write(readings, record))
    worker_runtime.set_event_pipe(events)
    atexit.register(worker_runtime.close_thread_files)  # its files are the process's as well: they would outlive it
