"""Looking at a function of a person's own in the host: what it is, how it is to be called, and why it cannot be.

What its signature tells is taken from there; where a function has none (some built-in ones), it is called with the samples
and the given arguments, and says itself what it thinks of them.
"""

from __future__ import annotations

import contextlib
import inspect
import os
import re
import sys
import zlib
from typing import Any

from pi_tui.host.protocol import KernelFound, OwnSource
from pi_tui.host.user_code import OwnCode

PROBE = 1
"""Stands for the samples where only the kinds of arguments matter."""


class NotAKernelError(Exception):
    """There is no such function, or it cannot be called as one; says why in one sentence."""


_codes: dict[tuple[str, str, OwnSource], OwnCode] = {}
_names: dict[str, str] = {}


def code_of(module: str, function: str, source: OwnSource) -> OwnCode:
    """The function as workers are to come by it; it is loaded and looked at the first time.

    Raises:
        NotAKernelError: it cannot be called as a kernel.
        BaseException: whatever importing it raises.
    """
    key = module, function, source
    if key not in _codes:
        code = bare_code(module, function, source)
        thing = _look_up(code)
        code.takes_seed = _takes_seed(thing)
        _check(code, thing)
        _compile(code, thing)
        _codes[key] = code
    return _codes[key]


def bare_code(module: str, function: str, source: OwnSource) -> OwnCode:
    """The same before anything is loaded."""
    arguments = {each.name: each.value for each in source.arguments}
    name = _module_name(source.path) if source.path else module
    return OwnCode(name, function, source.path, source.folder, source.stamp, arguments=arguments)


def found(module: str, function: str, source: OwnSource) -> KernelFound:
    """What was found; as `code_of`."""
    code = code_of(module, function, source)
    thing = code.found()
    plain = getattr(thing, "py_func", thing)
    lines = (inspect.getdoc(plain) or "").strip().splitlines()
    compiled_by, releases_gil = _compiled(thing)
    return KernelFound(
        signature=_signature_text(thing),
        summary=lines[0] if lines else "",
        file=_file_of(plain, code),
        line=getattr(getattr(plain, "__code__", None), "co_firstlineno", 0),
        takes_seed=code.takes_seed,
        compiled_by=compiled_by,
        releases_gil=releases_gil,
    )


def _module_name(path: str) -> str:
    """The name that a file's module is given: its own where nothing else has that, so that it can be imported by it."""
    if path not in _names:
        stem = os.path.splitext(os.path.basename(path))[0]
        if not path.endswith(".py") or not stem.isidentifier() or _is_taken(stem):
            stem = f"own_{re.sub(r'[^0-9A-Za-z_]', '_', stem)}_{zlib.crc32(os.fsencode(path)):08x}"
        _names[path] = stem
    return _names[path]


def _is_taken(name: str) -> bool:
    from importlib.machinery import PathFinder

    if name in sys.stdlib_module_names or name in sys.modules or name in _names.values():
        return True
    return PathFinder.find_spec(name) is not None


def _look_up(code: OwnCode) -> Any:
    named = os.path.basename(code.path) or code.module
    try:
        return code.found()
    except AttributeError as error:
        if error.__traceback__ is not None and _deepest(error) != OwnCode.found.__code__:
            raise  # of the person's own code
        raise NotAKernelError(f"{named} has no function {code.function}{_nearest(code)}") from None


def _deepest(error: BaseException) -> object:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return None if trace is None else trace.tb_frame.f_code


def _nearest(code: OwnCode) -> str:
    import difflib

    module = sys.modules.get(code.module)
    names = [name for name, thing in vars(module).items() if callable(thing)] if module else []
    near = difflib.get_close_matches(code.function, names, n=1, cutoff=0.5)
    return f": did you mean {near[0]}?" if near else ""


def _signature(thing: Any) -> inspect.Signature | None:
    try:
        return inspect.signature(getattr(thing, "py_func", thing))
    except (TypeError, ValueError):
        return None


def _signature_text(thing: Any) -> str:
    signature = _signature(thing)
    return "" if signature is None else str(signature)


def _takes_seed(thing: Any) -> bool:
    signature = _signature(thing) if callable(thing) else None
    takes = list(signature.parameters.values())[1:] if signature else []  # the first takes the samples
    return any(each.name == "seed" and each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY) for each in takes)


def _check(code: OwnCode, thing: Any) -> None:
    """Raise a NotAKernelError where it cannot be called with the samples and what was given."""
    name = code.function
    if not callable(thing):
        raise NotAKernelError(f"{name} is no function but {_a(type(thing).__name__)}")
    plain = getattr(thing, "py_func", thing)
    if inspect.iscoroutinefunction(plain):
        raise NotAKernelError(f"{name} is a coroutine function: write one that calls asyncio.run({name}(n))")
    if inspect.isgeneratorfunction(plain) or inspect.isasyncgenfunction(plain):
        raise NotAKernelError(f"{name} is a generator function: nothing of it runs before something takes its values")
    signature = _signature(thing)
    if signature is None:
        return
    takes = signature.parameters
    anything = any(each.kind is each.VAR_KEYWORD for each in takes.values())
    first = next(iter(takes.values()), None)
    if first is None or first.kind in (first.KEYWORD_ONLY, first.VAR_KEYWORD):
        raise NotAKernelError(f"{name}{signature} must take a number first: how much there is to do")
    named = [each.name for each in takes.values() if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)]
    others = [each for each in named if each not in (first.name, "seed")]
    for given in code.arguments:
        if given == first.name:
            raise NotAKernelError(f"{given} is what {name} takes the samples in: --samples sets it")
        if given == "seed" and code.takes_seed:
            raise NotAKernelError(f"{given} of {name} is another one for each task: --seed sets where they come from")
        if given not in named and not anything:
            more = f": it takes {', '.join(others)}" if others else ": it takes nothing else"
            raise NotAKernelError(f"{name} takes no argument {given}{more}")
    missing = [
        each.name
        for each in takes.values()
        if each.default is each.empty
        and each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)
        and each is not first
        and each.name not in code.arguments
        and not (each.name == "seed" and code.takes_seed)
    ]
    if missing:
        raise NotAKernelError(f"{name} needs {_and(missing)} as well: --arg {missing[0]}=VALUE")


def _compile(code: OwnCode, thing: Any) -> None:
    """Have Numba compile what it would compile at the first call; what it cannot do it says then."""
    signature = _signature(thing)
    if not _compiled(thing)[0] or signature is None or not hasattr(thing, "compile"):
        return
    with contextlib.suppress(Exception):
        numba: Any = sys.modules["numba"]  # or it could not have compiled anything
        given = signature.bind(PROBE, **code.arguments, **({"seed": PROBE} if code.takes_seed else {}))
        if list(given.arguments) == list(signature.parameters):
            thing.compile(tuple(numba.typeof(value) for value in given.arguments.values()))


def _compiled(thing: Any) -> tuple[str, bool | None]:
    """What compiled it ("" for nothing that is known), and whether it then releases the GIL."""
    options = getattr(thing, "targetoptions", None)
    if isinstance(options, dict) and type(thing).__module__.partition(".")[0] == "numba":
        return "Numba", bool(options.get("nogil"))
    return "", None


def _file_of(plain: Any, code: OwnCode) -> str:
    with contextlib.suppress(TypeError):
        return inspect.getsourcefile(plain) or ""
    return code.path


def _a(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def _and(names: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
