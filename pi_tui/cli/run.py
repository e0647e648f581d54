"""`pi-tui run`: measure, and print what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from pi_tui.cli.option_types import (
    complete_names,
    count,
    count_list,
    deduplicate,
    parse_kernels,
    parse_names,
    percentage,
    seconds,
)
from pi_tui.cli.output import FORMATS, Format, Output
from pi_tui.cli.plot import IN_TEXT, ChartOutput
from pi_tui.cli.shared_options import lanes_hz
from pi_tui.engine.run.request import (
    DEFAULT_MODES,
    DEFAULT_REPEAT,
    DEFAULT_SAMPLES,
    DEFAULT_STABLE_LIMIT_S,
    DEFAULT_UNTIL_STABLE,
    RunRequest,
)
from pi_tui.engine.user_kernels.user_kernels import ArgumentValue, parse_argument
from pi_tui.host.kernels.catalog import KERNELS
from pi_tui.host.modes.catalog import MODES, START_METHODS, TRANSPORTS, StartMethod, Transport

T = TypeVar("T")
Many = tuple[tuple[T, ...], ...]
"""An option that may be repeated, each time with several values."""

_GIL: dict[str, tuple[bool, ...]] = {"on": (True,), "off": (False,), "both": (True, False)}

_EXAMPLES = """\b
Examples:
  pi-tui run python numba-nogil --mode threads --workers 1,2,4
  pi-tui run python --mode processes --start-method spawn,fork --samples 1e6
  pi-tui run numba --samples 1k,1M --repeat 9 --output results.csv
  pi-tui run numpy --mode threads --explain
  pi-tui run numba-nogil --mode threads --workers 1,2,4,8 --plot --plot scaling.svg --what-if 64
  pi-tui run python --mode sequential,pool-starmap --samples 1e3-1e7x100 --tasks 4 --explain
  pi-tui run numba-nogil --mode pool-map --samples 1e8 --split --tasks 1-4096x2 --explain
  pi-tui run numpy --mode threads --until-stable=2 --max-time 120
  pi-tui run ./work.py:func --mode threads,processes --arg depth=3 --timeout 60

Every combination of what is given is a case. Repeated options and commas are the same; 1-8 is a range, 1-4096x2 is
1,2,4 and so on up to 4096; 1e6, 1_000_000, 10M and 10k are numbers. Ctrl-C stops within a second and prints what is
finished."""


class _Run(click.Command):
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As any command's, but a negative value of `--until-stable`, which may have none, is no option's name."""
        for arg in args:
            name, _, value = arg.partition("=")
            if name == "--until-stable" and value.startswith("-"):
                percentage(name)(value)
        return super().parse_args(ctx, args)


@click.command(cls=_Run, epilog=_EXAMPLES)
@click.argument("kernels", nargs=-1, metavar="KERNEL...", type=parse_kernels, shell_complete=complete_names(KERNELS))
@click.option(
    "--mode", "-m", multiple=True, type=parse_names, shell_complete=complete_names(MODES), metavar="MODE",
    help=f"How tasks run at once.  [default: {','.join(DEFAULT_MODES)}]",
)  # fmt: skip
@click.option(
    "--workers", "-w", multiple=True, type=count_list("--workers"), metavar="N",
    help="Threads or processes.  [default: as many as usable cores]",
)  # fmt: skip
@click.option(
    "--samples", "-n", multiple=True, type=count_list("--samples"), metavar="N",
    help=f"Samples of each task.  [default: {DEFAULT_SAMPLES:.0e}]".replace("+0", ""),
)  # fmt: skip
@click.option("--tasks", multiple=True, type=count_list("--tasks"), metavar="N", help="Tasks.  [default: one a worker]")
@click.option(
    "--split", is_flag=True,
    help="Divide the samples among the tasks: strong scaling. Without it each task has them all: weak scaling.",
)  # fmt: skip
@click.option(
    "--start-method", multiple=True, type=parse_names, metavar="METHOD",
    shell_complete=complete_names(START_METHODS),
    help=f"How processes are made: {', '.join(START_METHODS)}.  [default: {START_METHODS[0]}]",
)  # fmt: skip
@click.option(
    "--transport", multiple=True, type=parse_names, shell_complete=complete_names(TRANSPORTS), metavar="WAY",
    help=f"How results come home in mode processes: {', '.join(TRANSPORTS)}.  [default: {TRANSPORTS[0]}]",
)  # fmt: skip
@click.option(
    "--chunksize", type=count("--chunksize"), metavar="N", help="Tasks that a pool hands out at once.  [default: 1]"
)
@click.option(
    "--repeat", "-r", type=count("--repeat"), metavar="N", default=DEFAULT_REPEAT, show_default=True,
    help="Measured trials of each case.",
)  # fmt: skip
@click.option(
    "--warmup", type=count("--warmup", zero=True), metavar="N", default=1, show_default=True,
    help="Trials of each case before those that count.",
)  # fmt: skip
@click.option(
    "--seed", type=count("--seed", zero=True), metavar="N", help="Of the random numbers.  [default: a new one]"
)
@click.option(
    "--until-stable", is_flag=False, flag_value=f"{DEFAULT_UNTIL_STABLE * 100:g}", type=percentage("--until-stable"),
    metavar="[PERCENT]",
    help=f"Repeat each case, --repeat times at least, until its median is sure to ±PERCENT.  [default: "
    f"{DEFAULT_UNTIL_STABLE * 100:g}]",
)  # fmt: skip
@click.option(
    "--max-time", type=seconds("--max-time"), metavar="SECONDS",
    help="Begin no further round of trials after so long.  "
    f"[default: {DEFAULT_STABLE_LIMIT_S:g} with --until-stable, else no end]",
)  # fmt: skip
@click.option("--gil", type=click.Choice(list(_GIL)), help="For interpreters and kernels that can.")
@click.option(
    "--python", multiple=True, type=parse_names, metavar="PYTHON",
    help="An interpreter's path, a version, or all.  [default: the one pi-tui runs in]",
)  # fmt: skip
@click.option(
    "--arg", "arguments", multiple=True, type=parse_argument, metavar="NAME=VALUE",
    help="What functions of your own are called with besides the samples; may be repeated.",
)  # fmt: skip
@click.option("--timeout", type=seconds("--timeout"), metavar="SECONDS", help="Ends a trial that takes longer.")
@click.option(
    "--explain", is_flag=True,
    help="Tell where the speed-up went, below the table (csv and json always do).",
)  # fmt: skip
@click.option(
    "--lanes", type=click.Path(path_type=Path), metavar="FILE",
    help="Write there what every worker did or waited for, hundreds of times a second.",
)  # fmt: skip
@lanes_hz()
@click.option(
    "--plot", multiple=True, is_flag=False, flag_value=IN_TEXT, metavar="[FILE]",
    help="Draw charts of scaling below the table, or into FILE.svg or FILE.png; may be repeated.",
)  # fmt: skip
@click.option(
    "--what-if", type=count("--what-if"), metavar="N",
    help="With --plot: carry the fitted law of scaling to N workers. A prediction.",
)  # fmt: skip
@click.option("--no-history", is_flag=True, help="Leave the run out of the history (see `pi-tui log`).")
@click.option("--force", is_flag=True, help="Run what would be refused for its size.")
@click.option(
    "--format", type=click.Choice(FORMATS),
    help="[default: by the suffix of --output; else table on a terminal, json otherwise]",
)  # fmt: skip
@click.option("--output", "-o", type=click.Path(path_type=Path), metavar="FILE", help="Write there, print nothing.")
def run(
    format: Format | None,
    output: Path | None,
    explain: bool,
    lanes: Path | None,
    lanes_hz: int | None,
    plot: tuple[str, ...],
    what_if: int | None,
    no_history: bool,
    **options: Any,
) -> int:
    """Measure KERNELs and print the results.

    What there is to run: `pi-tui kernels` and `pi-tui modes`. A function of your own is named by its file or module:
    ./work.py:func, package.module:func. It is called as func(n), n being the samples.
    """
    request = _make_request(**options)
    destination = Output(format, output, explain=explain, charts=ChartOutput(plot, what_if))
    from pi_tui.cli.run_session import execute_run

    remarks = tuple(_find_unused_options(request.modes, options))
    return execute_run(request, destination, lanes, history=not no_history, remarks=remarks, lanes_hz=lanes_hz)


def _find_unused_options(modes: Sequence[str], options: Mapping[str, Any]) -> Iterator[str]:
    """What was options for that means nothing to any of the modes; a name that is no mode's is another's to tell."""
    known = [MODES[name] for name in modes if name in MODES]
    for option, applies, whom in (
        ("start_method", any(mode.has_start_methods for mode in known), "modes made of processes"),
        ("transport", any(mode.has_transports for mode in known), "the mode processes"),
        ("chunksize", any(mode.has_chunks for mode in known), "the pools that hand out several tasks at once"),
    ):
        if options[option] and known and not applies:
            yield f"--{option.replace('_', '-')} is for {whom} alone: it changes nothing here."


def _make_request(
    *,
    kernels: Many[str],
    mode: Many[str],
    workers: Many[int],
    samples: Many[int],
    tasks: Many[int],
    split: bool,
    start_method: Many[str],
    transport: Many[str],
    chunksize: int | None,
    repeat: int,
    warmup: int,
    seed: int | None,
    gil: str | None,
    python: Many[str],
    timeout: float | None,
    until_stable: float | None,
    max_time: float | None,
    arguments: tuple[tuple[str, ArgumentValue], ...],
    force: bool,
) -> RunRequest:
    """What was options, with the defaults for what was not; whether it has a meaning is the plan's to say."""
    return RunRequest(
        kernels=deduplicate(kernels),
        modes=deduplicate(mode) or DEFAULT_MODES,
        workers=deduplicate(workers),
        samples=deduplicate(samples) or (DEFAULT_SAMPLES,),
        start_methods=cast(tuple[StartMethod, ...], deduplicate(start_method)) or (START_METHODS[0],),
        transports=cast(tuple[Transport, ...], deduplicate(transport)) or (TRANSPORTS[0],),
        pythons=deduplicate(python) or ("",),
        gils=(None,) if gil is None else _GIL[gil],
        tasks=deduplicate(tasks) or (None,),
        split=split,
        chunksize=chunksize,
        repeat=repeat,
        warmup=warmup,
        seed=seed,
        force=force,
        timeout_s=timeout,
        until_stable=until_stable,
        max_time_s=max_time,
        arguments=arguments,
    )
