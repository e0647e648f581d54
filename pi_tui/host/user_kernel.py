"""Inspect a user's function in the host: describe it, and check that it can be called as a kernel.

The checks use the function's signature. A function without one (some built-in functions) is called with the samples and the
given arguments, and may reject them itself.
"""

from __future__ import annotations

import contextlib
import inspect
import os
import re
import sys
import zlib
from typing import Any

from pi_tui.host.protocol import UserKernelInfo, UserSource
from pi_tui.host.user_code import UserCode

PROBE = 1
"""The value of samples and seed where only the types of arguments matter."""


class NotAKernelError(Exception):
    """There is no such function, or it cannot be called as a kernel; the message is one sentence."""


_loaded: dict[tuple[str, str, UserSource], UserCode] = {}
_module_names: dict[str, str] = {}


def load_user_code(module: str, function: str, source: UserSource) -> UserCode:
    """Return the function in the form that is sent to workers; the first call loads and checks it.

    Raises:
        NotAKernelError: the function cannot be called as a kernel.
        BaseException: the import may raise any exception.
    """
    key = module, function, source
    if key not in _loaded:
        code = make_user_code(module, function, source)
        target = _load_function(code)
        code.takes_seed = _takes_seed(target)
        _check_callable(code, target)
        _compile_ahead(code, target)
        _loaded[key] = code
    return _loaded[key]


def make_user_code(module: str, function: str, source: UserSource) -> UserCode:
    """Describe where the function comes from, without loading it."""
    arguments = {each.name: each.value for each in source.arguments}
    name = _choose_module_name(source.path) if source.path else module
    return UserCode(name, function, source.path, source.folder, source.stamp, arguments=arguments)


def describe_user_kernel(module: str, function: str, source: UserSource) -> UserKernelInfo:
    """Load the function and describe it; raises the same exceptions as `load_user_code`."""
    code = load_user_code(module, function, source)
    target = code.load()
    plain = getattr(target, "py_func", target)
    lines = (inspect.getdoc(plain) or "").strip().splitlines()
    compiled_by, releases_gil = _detect_compiler(target)
    return UserKernelInfo(
        signature=_format_signature(target),
        summary=lines[0] if lines else "",
        file=_find_source_file(plain, code),
        line=getattr(getattr(plain, "__code__", None), "co_firstlineno", 0),
        takes_seed=code.takes_seed,
        compiled_by=compiled_by,
        releases_gil=releases_gil,
    )


def _choose_module_name(path: str) -> str:
    """Choose the name of a file's module: the file's own name, unless another module has it or it is not an identifier."""
    if path not in _module_names:
        stem = os.path.splitext(os.path.basename(path))[0]
        if not path.endswith(".py") or not stem.isidentifier() or _is_name_taken(stem):
            stem = f"user_{re.sub(r'[^0-9A-Za-z_]', '_', stem)}_{zlib.crc32(os.fsencode(path)):08x}"
        _module_names[path] = stem
    return _module_names[path]


def _is_name_taken(name: str) -> bool:
    from importlib.machinery import PathFinder

    if name in sys.stdlib_module_names or name in sys.modules or name in _module_names.values():
        return True
    return PathFinder.find_spec(name) is not None


def _load_function(code: UserCode) -> Any:
    named = os.path.basename(code.path) or code.module
    try:
        return code.load()
    except AttributeError as error:
        if error.__traceback__ is not None and _find_deepest_code(error) != UserCode.load.__code__:
            raise  # an error in the user's code
        raise NotAKernelError(f"{named} has no function {code.function}{_suggest_name(code)}") from None


def _find_deepest_code(error: BaseException) -> object:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return None if trace is None else trace.tb_frame.f_code


def _suggest_name(code: UserCode) -> str:
    import difflib

    module = sys.modules.get(code.module)
    names = [name for name, target in vars(module).items() if callable(target)] if module else []
    near = difflib.get_close_matches(code.function, names, n=1, cutoff=0.5)
    return f": did you mean {near[0]}?" if near else ""


def _read_signature(target: Any) -> inspect.Signature | None:
    try:
        return inspect.signature(getattr(target, "py_func", target))
    except (TypeError, ValueError):
        return None


def _format_signature(target: Any) -> str:
    signature = _read_signature(target)
    return "" if signature is None else str(signature)


def _takes_seed(target: Any) -> bool:
    signature = _read_signature(target) if callable(target) else None
    takes = list(signature.parameters.values())[1:] if signature else []  # the first takes the samples
    return any(each.name == "seed" and each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY) for each in takes)


def _check_callable(code: UserCode, target: Any) -> None:
    """Check that the function can be called with the samples and the given arguments.

    Raises:
        NotAKernelError: it cannot.
    """
    name = code.function
    if not callable(target):
        raise NotAKernelError(f"{name} is not a function but {_with_article(type(target).__name__)}")
    plain = getattr(target, "py_func", target)
    if inspect.iscoroutinefunction(plain):
        raise NotAKernelError(f"{name} is a coroutine function: write a function that calls asyncio.run({name}(n))")
    if inspect.isgeneratorfunction(plain) or inspect.isasyncgenfunction(plain):
        raise NotAKernelError(
            f"{name} is a generator function, which runs only while its values are read: write a function that reads them"
        )
    signature = _read_signature(target)
    if signature is None:
        return
    first = next(iter(signature.parameters.values()), None)
    if first is None or first.kind in (first.KEYWORD_ONLY, first.VAR_KEYWORD):
        raise NotAKernelError(f"{name}{signature} must take the number of samples as its first argument")
    _check_given_arguments(code, list(signature.parameters.values()))
    _check_missing_arguments(code, list(signature.parameters.values()))


def _check_given_arguments(code: UserCode, parameters: list[inspect.Parameter]) -> None:
    """Check that each given argument belongs to a parameter other than those for the samples and the seed."""
    name, first = code.function, parameters[0]
    accepts_any = any(each.kind is each.VAR_KEYWORD for each in parameters)
    named = [each.name for each in parameters if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)]
    others = [each for each in named if each not in (first.name, "seed")]
    for given in code.arguments:
        if given == first.name:
            raise NotAKernelError(f"{given} is the parameter for the samples of {name}: use --samples")
        if given == "seed" and code.takes_seed:
            raise NotAKernelError(f"{given} of {name} differs for each task: use --seed to set the seed of the run")
        if given not in named and not accepts_any:
            more = f"it takes {', '.join(others)}" if others else "it takes nothing else"
            raise NotAKernelError(f"{name} takes no argument {given}: {more}")


def _check_missing_arguments(code: UserCode, parameters: list[inspect.Parameter]) -> None:
    """Check that each parameter without a default gets a value."""
    missing = [
        each.name
        for each in parameters[1:]
        if each.default is each.empty
        and each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)
        and each.name not in code.arguments
        and not (each.name == "seed" and code.takes_seed)
    ]
    if missing:
        raise NotAKernelError(f"{code.function} also needs {_join_names(missing)}: use --arg {missing[0]}=VALUE")


def _compile_ahead(code: UserCode, target: Any) -> None:
    """Let Numba compile the function now and not at the first call; an error will show at that call."""
    signature = _read_signature(target)
    if not _detect_compiler(target)[0] or signature is None or not hasattr(target, "compile"):
        return
    with contextlib.suppress(Exception):
        numba: Any = sys.modules["numba"]  # it is loaded, because it has compiled the function
        given = signature.bind(PROBE, **code.arguments, **({"seed": PROBE} if code.takes_seed else {}))
        if list(given.arguments) == list(signature.parameters):
            target.compile(tuple(numba.typeof(value) for value in given.arguments.values()))


def _detect_compiler(target: Any) -> tuple[str, bool | None]:
    """Return the compiler of the function ("" if none is known), and whether the function releases the GIL."""
    options = getattr(target, "targetoptions", None)
    if isinstance(options, dict) and type(target).__module__.partition(".")[0] == "numba":
        return "Numba", bool(options.get("nogil"))
    return "", None


def _find_source_file(plain: Any, code: UserCode) -> str:
    with contextlib.suppress(TypeError):
        return inspect.getsourcefile(plain) or ""
    return code.path


def _with_article(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def _join_names(names: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
