"""One host process: it reads requests, carries them out one after another, and writes events.

Everything happens in the main thread, so that a trial in processes can fork safely. There is no request to stop: the
observer ends this process and all of its descendants.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import sys
import sysconfig
import time
import warnings
from collections.abc import Iterable
from typing import BinaryIO, NoReturn

from pi_tui.host import rusage, trial, worker_runtime
from pi_tui.host.gil_address import find_gil
from pi_tui.host.interpreter_info import is_gil_enabled
from pi_tui.host.process_state import ProcessState, keep_descriptors
from pi_tui.host.protocol import (
    Failure,
    Message,
    Prepare,
    Prepared,
    PrepareFailed,
    ProtocolError,
    Ready,
    RunTrial,
    TrialFailed,
    UserSource,
    decode,
    encode,
)
from pi_tui.host.user_output import write_by_lines

EXIT_WORKER_LOST = 70
"""The exit code of a host that lost a worker (EX_SOFTWARE of sysexits.h)."""


def main() -> int:
    """Serve requests until their pipe is closed. Return exit code 0, or 2 after an invalid request."""
    arguments = argparse.ArgumentParser(prog="pi_tui.host")
    arguments.add_argument("--requests", type=int, required=True, help="descriptor to read requests from")
    arguments.add_argument("--events", type=int, required=True, help="descriptor to write events to")
    arguments.add_argument(
        "--roll-call", type=int, default=-1, help="descriptor to write worker events to, for the observer"
    )
    given = arguments.parse_args()
    for descriptor in (given.requests, given.events, given.roll_call):
        if descriptor >= 0:
            os.set_inheritable(descriptor, False)
            keep_descriptors(descriptor)
    rusage.use_getrusage()
    worker_runtime.dump_stacks_on_signal()
    write_by_lines()
    _start_worker_events(given.roll_call)
    prefix = os.environ.get("PI_TUI_PREFIX", f"pt-{os.getpid()}-")
    _set_semaphore_prefix(prefix)
    _set_socket_folder(os.environ.get("PI_TUI_FOLDER"))
    os.register_at_fork(after_in_child=lambda: _disconnect(given.requests, given.events))
    with os.fdopen(given.requests, "rb") as requests, os.fdopen(given.events, "wb", buffering=0) as events:
        try:
            return serve(requests, events, prefix)
        except OSError as error:
            worker_runtime.exit_if_closed(error)
            raise


def serve(requests: BinaryIO, events: BinaryIO, prefix: str) -> int:
    """Read requests and write an answer to each of them to `events`."""
    _send_message(events, _make_ready())
    for line in requests:
        try:
            request = decode(line)
        except ProtocolError as error:
            print(f"pi_tui.host: {error}", file=sys.stderr)
            return 2
        if isinstance(request, Prepare):
            before = is_gil_enabled()
            answer = prepare_kernel(request)
            if is_gil_enabled() != before and worker_runtime.get_event_pipe() >= 0:
                _send_gil_address()  # an import enabled the GIL
            _send_message(events, answer)
        elif isinstance(request, RunTrial):
            _send_message(events, _run_trial(request, prefix, events))
    return 0


def _run_trial(request: RunTrial, prefix: str, events: BinaryIO) -> Message:
    def give_up(failure: Failure) -> NoReturn:
        _send_message(events, TrialFailed(request.trial, failure, ("a worker was lost",)))
        os._exit(EXIT_WORKER_LOST)

    try:
        return trial.run_trial(request, prefix, give_up)
    except Exception as error:  # a defect of pi-tui itself: this trial fails, and the run goes on
        return TrialFailed(request.trial, trial.describe_error(error))


def prepare_kernel(request: Prepare) -> Prepared | PrepareFailed:
    """Import a kernel's libraries, then the kernel itself, which may compile code; both steps are timed."""
    if request.in_subinterpreter:
        return _prepare_in_subinterpreter(request)
    if request.own is not None:
        return _prepare_user_kernel(request, request.own)
    start = time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            for library in request.needs:
                __import__(library)
            imported = time.perf_counter()
            __import__(request.module)
            getattr(sys.modules[request.module], request.function)
            layer = sys.modules[request.module].find_threading_layer() if request.threads_inside else None
        except Exception as error:
            return PrepareFailed(request.kernel, trial.describe_error(error))
    compiled = time.perf_counter()
    enabling_module = find_gil_enabling_module(str(warning.message) for warning in caught)
    return Prepared(
        request.kernel, imported - start, compiled - imported, is_gil_enabled(), enabling_module, threading_layer=layer
    )


def _prepare_user_kernel(request: Prepare, source: UserSource) -> Prepared | PrepareFailed:
    """Import a user's function and describe it. The import of its module may do anything."""
    from pi_tui.host import user_kernel

    start, state = time.perf_counter(), ProcessState.read()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        try:
            info = user_kernel.describe_user_kernel(request.module, request.function, source)
        except user_kernel.NotAKernelError as error:
            return PrepareFailed(request.kernel, Failure("NotAKernel", str(error)))
        except BaseException as error:  # a script without a main guard may even call sys.exit
            code = user_kernel.make_user_code(request.module, request.function, source)
            return PrepareFailed(request.kernel, Failure(*code.describe_error(error)))
    enabling_module = find_gil_enabling_module(str(warning.message) for warning in caught)
    import_s = time.perf_counter() - start
    changed = ProcessState.read().changes_since(state)
    return Prepared(request.kernel, import_s, 0.0, is_gil_enabled(), enabling_module, info, changed=changed)


def _prepare_in_subinterpreter(request: Prepare) -> Prepared | PrepareFailed:
    """Check whether a kernel loads in a subinterpreter, which is closed afterwards."""
    from pi_tui.host import subinterpreters

    start = time.perf_counter()
    try:
        if request.own is not None:
            from pi_tui.host.user_kernel import load_user_code

            code = load_user_code(request.module, request.function, request.own)
            failure = subinterpreters.find_import_obstacle(request.function, request.function, (), code)
        else:
            failure = subinterpreters.find_import_obstacle(request.module, request.function, request.needs)
    except Exception as error:
        failure = trial.describe_error(error)
    if failure is not None:
        return PrepareFailed(request.kernel, failure)
    return Prepared(request.kernel, time.perf_counter() - start, 0.0, is_gil_enabled())


def find_gil_enabling_module(warning_texts: Iterable[str]) -> str | None:
    """Find the module whose import enabled the GIL in the warnings of CPython; None if there is none."""
    for text in warning_texts:
        found = re.search(r"global interpreter lock \(GIL\) has been enabled to load module '([^']+)'", text)
        if found is not None:
            return found[1]
    return None


def _make_ready() -> Ready:
    return Ready(
        pid=os.getpid(),
        python=platform.python_version(),
        implementation=platform.python_implementation(),
        free_threaded_build=bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        gil_enabled=is_gil_enabled(),
    )


def _send_message(events: BinaryIO, message: Message) -> None:
    data = memoryview(encode(message))
    while data:
        data = data[events.write(data) :]


def _disconnect(*descriptors: int) -> None:
    """Redirect descriptors to the null device in a forked worker, so that it cannot write to the app by mistake."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in descriptors:
        os.dup2(null, descriptor, inheritable=False)
    os.close(null)


def _start_worker_events(descriptor: int) -> None:
    """Send the address of this process's GIL to the observer, and from now on all worker events."""
    if descriptor < 0:
        return
    worker_runtime.set_event_pipe(descriptor)
    _send_gil_address()


def _send_gil_address() -> None:
    """Send the address of the GIL to the observer; an empty range if the GIL is disabled."""
    gil = find_gil() if is_gil_enabled() else range(0)
    if gil is not None:
        worker_runtime.send_worker_event(worker_runtime.GIL, 0, 0, gil.start, gil.stop)


def _set_semaphore_prefix(prefix: str) -> None:
    """Let the names of multiprocessing's semaphores begin with the run's prefix, so that they can be removed after a crash."""
    from multiprocessing import process

    config: dict[str, object] | None = getattr(process.current_process(), "_config", None)
    if config is not None:
        config["semprefix"] = f"/{prefix}"


def _set_socket_folder(folder: str | None) -> None:
    """Let multiprocessing keep its sockets and files in the run's folder, so that they can be removed after a crash."""
    from multiprocessing import process

    config: dict[str, object] | None = getattr(process.current_process(), "_config", None)
    if config is not None and folder is not None:
        config["tempdir"] = folder
