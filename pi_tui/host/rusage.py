"""Read a thread's voluntary switches and page faults with one system call, in processes that run for a long time."""

import atexit
import os

from pi_tui.host import worker_runtime

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]


def read_usage() -> worker_runtime.Usage:
    """Return the usage since the start of this thread, and of its process's children."""
    if resource is None or not hasattr(resource, "RUSAGE_THREAD"):
        return -1, -1, -1, -1
    usage = resource.getrusage(resource.RUSAGE_THREAD)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    children_ns = int((children.ru_utime + children.ru_stime) * 1e9)
    return children_ns, usage.ru_nvcsw, usage.ru_minflt, usage.ru_majflt


def use_getrusage() -> None:
    """Use `read_usage` for all further readings of this process, its threads and its forks.

    Unlike reading a file, this does not release the GIL, which could hand it over once more around each kernel call.
    """
    worker_runtime.set_usage_reader(read_usage)


def start_reporting(readings: int, events: int) -> None:
    """Send the readings and the events of this worker, a subinterpreter, to two descriptors of the process.

    Each such worker calls this first: it is the initializer of a job made of subinterpreters.
    """
    use_getrusage()  # workers share the process's descriptors: each then opens one file instead of three
    worker_runtime.set_reading_sink(lambda record: os.write(readings, record))
    worker_runtime.set_event_pipe(events)
    atexit.register(worker_runtime.close_thread_files)  # the process would keep them open
