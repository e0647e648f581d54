"""Use the user's functions as kernels.

The user names them `./work.py:func`, `package.module:func`, or by what an installed package registers under the entry point
group `pi_tui.kernels`. Nothing is imported here: a file is read as text, and a module is found by the interpreter that runs it,
in its own places and in the current folder. A kernel's name is the text the user typed; reading the name again gives the same
kernel.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from keyword import iskeyword
from math import isfinite
from pathlib import Path

from pi_tui.engine.errors import UsageError
from pi_tui.engine.suggestions import describe_unknown_name
from pi_tui.engine.user_kernels.user_file import UserFile, read_user_file
from pi_tui.host.kernels.catalog import KERNELS, Kernel
from pi_tui.host.protocol import Argument, UserSource

ENTRY_POINT_GROUP = "pi_tui.kernels"

ArgumentValue = int | float | bool | str
Arguments = Mapping[str, ArgumentValue]

_USER_KERNEL = re.compile(r"(?P<where>.+?):(?P<function>[^\W\d]\w*(?:\.[^\W\d]\w*)*)(?:\((?P<arguments>.*)\))?")
"""A file or module, a function, and in parentheses the other arguments of its calls."""

_MODULE = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")


def resolve_kernels(texts: Iterable[str], arguments: Arguments, folder: Path) -> dict[str, Kernel]:
    """Return the requested kernels by name, each once.

    Args:
        texts: names of the catalog or of installed packages, or files or modules with a function.
        arguments: arguments for the user's functions by name; those in a text's parentheses are added.
        folder: relative paths and modules are looked up here.

    Raises:
        UsageError: something does not exist, or takes no arguments; the message is one sentence.
    """
    found = [resolve_kernel(text, arguments, folder) for text in texts]
    if arguments and found and all(kernel.own is None for kernel in found):
        named = ", ".join(kernel.name for kernel in found)
        raise UsageError(f"only functions of your own take arguments, and {named} takes none")
    return {kernel.name: kernel for kernel in found}


def resolve_kernel(text: str, arguments: Arguments, folder: Path) -> Kernel:
    """Return one kernel; see `resolve_kernels`."""
    text = text.strip()
    if text in KERNELS:
        return KERNELS[text]
    head, _, rest = text.partition("(")
    if ":" not in head and (value := list_entry_points().get(head)) is not None:
        return _resolve_user_kernel(head, f"{value}({rest}" if rest else value, arguments, folder)
    own = _USER_KERNEL.fullmatch(text)
    if own is not None:
        return _resolve_user_kernel("", text, arguments, folder)
    raise UsageError(_describe_unknown(text, folder))


def check_syntax(kernel: Kernel, folder: Path) -> None:
    """Raise UsageError if the file of a user's kernel has a syntax error for this Python; another Python may parse it."""
    if kernel.own is not None and kernel.own.path:
        file = read_user_file(kernel.own.path, folder)
        if file.syntax_error:
            raise UsageError(f"{Path(file.path).name} cannot be parsed: {file.syntax_error}")


def list_kernel_names() -> tuple[str, ...]:
    """Return every name that needs no file: the catalog's, then those of installed packages."""
    return (*KERNELS, *(name for name in list_entry_points() if name not in KERNELS))


@cache
def list_entry_points() -> Mapping[str, str]:
    """Return what installed packages register: `module:function` by name."""
    from importlib import metadata  # imported late: the first frame of the screen does not need it

    return {
        point.name: point.value.partition("[")[0].strip() for point in metadata.entry_points(group=ENTRY_POINT_GROUP)
    }


def list_installed_kernels(folder: Path) -> tuple[Kernel, ...]:
    """Return the kernels of installed packages; entry points that cannot be read are left out."""
    found = []
    for name in list_entry_points():
        if name not in KERNELS:
            with suppress(UsageError):
                found.append(resolve_kernel(name, {}, folder))
    return tuple(found)


def is_user_kernel(text: str) -> bool:
    """Return whether a text names a user's function by its file or module."""
    return text not in KERNELS and _USER_KERNEL.fullmatch(text.strip()) is not None


def parse_argument(text: str) -> tuple[str, ArgumentValue]:
    """Read `NAME=VALUE`; the value is a whole number, a finite number, true or false, or else text.

    Raises:
        UsageError: the text does not have that form.
    """
    name, equals, value = text.partition("=")
    name = name.strip()
    if not equals or not name.isidentifier() or iskeyword(name):
        raise UsageError(f"an argument must be NAME=VALUE, not {text!r}")
    return name, _parse_value(value.strip())


def _parse_value(text: str) -> ArgumentValue:
    with suppress(ValueError):
        return int(text)
    with suppress(ValueError):
        if isfinite(number := float(text)):  # inf and nan stay text, because names with them would be read as text
            return number
    truth = {"true": True, "false": False}
    return truth.get(text.lower(), text)


def _resolve_user_kernel(name: str, text: str, arguments: Arguments, folder: Path) -> Kernel:
    """Make the kernel of a text with a colon. `name` is the kernel's name if that differs from the text."""
    own = _USER_KERNEL.fullmatch(text)
    if own is None:
        raise UsageError(f"{name or text}: {text} does not name a function")
    where, function = own["where"].strip(), own["function"]
    given = {**_parse_call_arguments(own["arguments"] or "", text), **arguments}
    if names_file(where, folder):
        return _resolve_file_kernel(
            read_user_file(os.path.normpath(os.path.expanduser(where)), folder), function, given
        )
    if _MODULE.fullmatch(where) is None:
        raise UsageError(f"there is no file {where}, and it is not a module name such as package.module")
    source = UserSource("", str(folder), arguments=_to_protocol(given))
    called = _format_call(name or f"{where}:{function}", given)
    return _make_kernel(called, f"{function} of the module {where}", where, function, source)


def names_file(where: str, folder: Path) -> bool:
    """Return whether the part before the colon means a file."""
    return where.endswith(".py") or os.sep in where or (folder / os.path.expanduser(where)).exists()


def _resolve_file_kernel(file: UserFile, function: str, given: Arguments) -> Kernel:
    file.check_function(function)
    definition = file.find_definition(function)
    summary = f"{function} of {file.display_name}"
    if definition is not None:
        _check_arguments(definition, given)
        lines = (ast.get_docstring(definition) or "").splitlines()
        summary = lines[0] if lines else summary
    source = UserSource(file.path, os.path.dirname(file.path), file.modified_ns, _to_protocol(given))
    return _make_kernel(_format_call(f"{file.display_name}:{function}", given), summary, "", function, source)


def _make_kernel(name: str, summary: str, module: str, function: str, source: UserSource) -> Kernel:
    return Kernel(name, summary, module, function, holds_gil=None, proportional=False, counts="nothing", own=source)


def _check_arguments(definition: ast.FunctionDef | ast.AsyncFunctionDef, given: Arguments) -> None:
    """Raise UsageError for an argument that the function certainly does not take; a decorator may change what it takes."""
    takes = definition.args
    if definition.decorator_list or takes.kwarg is not None:
        return
    first, *others = [each.arg for each in (*takes.posonlyargs, *takes.args)] or [""]
    others += [each.arg for each in takes.kwonlyargs]
    named = [name for name in others if name != "seed"]
    for name in given:
        if name == first:
            raise UsageError(f"{name} is the parameter for the samples of {definition.name}: use --samples")
        if name == "seed" and name in others:
            raise UsageError(
                f"{name} of {definition.name} differs for each task: use --seed to set the seed of the run"
            )
        if name not in named:
            more = f"it takes {', '.join(named)}" if named else "it takes nothing else"
            raise UsageError(f"{definition.name} takes no argument {name}: {more}")


def _to_protocol(given: Arguments) -> tuple[Argument, ...]:
    return tuple(Argument(name, value) for name, value in given.items())


def _format_call(name: str, given: Arguments) -> str:
    """Write a name with its arguments, so that `_parse_call_arguments` reads the same."""
    if not given:
        return name
    return f"{name}({', '.join(f'{each}={_format_value(value)}' for each, value in given.items())})"


def _format_value(value: ArgumentValue) -> str:
    # only ASCII: Python normalises other identifiers when it parses them
    bare = isinstance(value, str) and value.isascii() and value.isidentifier() and not iskeyword(value)
    return str(value) if bare else repr(value)


def _parse_call_arguments(text: str, whole: str) -> dict[str, ArgumentValue]:
    """Read `depth=3, name=fast` as the arguments of a call; bare words are text.

    Raises:
        UsageError: the text cannot be read, or a value is neither a number, true or false, nor text.
    """
    if not text.strip():
        return {}
    try:
        call = ast.parse(f"f({text})", mode="eval").body
    except (SyntaxError, ValueError):
        call = None
    if not isinstance(call, ast.Call) or call.args or any(each.arg is None for each in call.keywords):
        raise UsageError(f"{whole}: write the arguments as NAME=VALUE, NAME=VALUE ...")
    found: dict[str, ArgumentValue] = {}
    for each in call.keywords:
        try:
            value = each.value.id if isinstance(each.value, ast.Name) else ast.literal_eval(each.value)
        except ValueError:
            value = None
        if not isinstance(value, int | float | str) or (isinstance(value, float) and not isfinite(value)):
            raise UsageError(f"{whole}: {each.arg} must be a number, True or False, or text in quotes")
        found[str(each.arg)] = value
    return found


def _describe_unknown(text: str, folder: Path) -> str:
    """Return the sentence for a text that names no kernel."""
    where, colon, function = text.rpartition(":")
    if colon and where and function:
        return f"{text}: {function!r} is not a function's name"
    place = text.rstrip(":")
    if not names_file(place, folder):
        return describe_unknown_name("kernel", text, list_kernel_names())
    file = read_user_file(place, folder)
    example = next(iter(file.functions), "FUNCTION")
    return f"{place} is a file: name a function in it, as in {place}:{example}{_list_functions(file.functions)}"


def _list_functions(functions: Sequence[str]) -> str:
    return (
        f" (it defines {', '.join(functions[:6])}{', …' if len(functions) > 6 else ''})" if len(functions) > 1 else ""
    )
