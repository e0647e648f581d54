"""`pi-tui run`: measure, and print the results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from pi_tui.cli.option_types import (
    deduplicate,
    make_count_list_parser,
    make_count_parser,
    make_name_completer,
    make_percentage_parser,
    make_seconds_parser,
    parse_kernels,
    parse_names,
)
from pi_tui.cli.output import FORMATS, Format, Output
from pi_tui.cli.plot import IN_TEXT, ChartOutput
from pi_tui.cli.shared_options import add_all_fields_option, add_lanes_hz_option
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
"""The value of an option that may be repeated, each time with several values."""

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

Every combination of the given values is a case. An option can be repeated, or take several values separated by commas.
1-8 is a range; 1-4096x2 is 1,2,4,... up to 4096; 1e6, 1_000_000, 10M and 10k are numbers. Ctrl-C stops within a second
and prints the finished cases."""


class _Run(click.Command):
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Reject a negative `--until-stable=-N` as a bad percentage; click would take -N for an unknown option."""
        for arg in args:
            name, _, value = arg.partition("=")
            if name == "--until-stable" and value.startswith("-"):
                make_percentage_parser(name)(value)
        return super().parse_args(ctx, args)


@click.command(cls=_Run, epilog=_EXAMPLES)
@click.argument(
    "kernels", nargs=-1, metavar="KERNEL...", type=parse_kernels, shell_complete=make_name_completer(KERNELS)
)
@click.option(
    "--mode", "-m", multiple=True, type=parse_names, shell_complete=make_name_completer(MODES), metavar="MODE",
    help=f"The ways to run tasks at once.  [default: {','.join(DEFAULT_MODES)}]",
)  # fmt: skip
@click.option(
    "--workers", "-w", multiple=True, type=make_count_list_parser("--workers"), metavar="N",
    help="Numbers of threads or processes.  [default: as many as usable cores]",
)  # fmt: skip
@click.option(
    "--samples", "-n", multiple=True, type=make_count_list_parser("--samples"), metavar="N",
    help=f"Samples per task.  [default: {DEFAULT_SAMPLES:.0e}]".replace("+0", ""),
)  # fmt: skip
@click.option(
    "--tasks",
    multiple=True,
    type=make_count_list_parser("--tasks"),
    metavar="N",
    help="Numbers of tasks.  [default: one per worker]",
)
@click.option(
    "--split", is_flag=True,
    help="Divide the samples among the tasks (strong scaling). Without it each task has all of them (weak scaling).",
)  # fmt: skip
@click.option(
    "--start-method", multiple=True, type=parse_names, metavar="METHOD",
    shell_complete=make_name_completer(START_METHODS),
    help=f"How processes are started: {', '.join(START_METHODS)}.  [default: {START_METHODS[0]}]",
)  # fmt: skip
@click.option(
    "--transport", multiple=True, type=parse_names, shell_complete=make_name_completer(TRANSPORTS), metavar="WAY",
    help=f"How results are sent back in mode processes: {', '.join(TRANSPORTS)}.  [default: {TRANSPORTS[0]}]",
)  # fmt: skip
@click.option(
    "--chunksize",
    type=make_count_parser("--chunksize"),
    metavar="N",
    help="Tasks that a pool gives a worker at a time.  [default: 1]",
)
@click.option(
    "--repeat", "-r", type=make_count_parser("--repeat"), metavar="N", default=DEFAULT_REPEAT, show_default=True,
    help="Measured trials of each case.",
)  # fmt: skip
@click.option(
    "--warmup", type=make_count_parser("--warmup", zero=True), metavar="N", default=1, show_default=True,
    help="Trials of each case before the measured ones; they do not count.",
)  # fmt: skip
@click.option(
    "--seed",
    type=make_count_parser("--seed", zero=True),
    metavar="N",
    help="Seed of the random numbers.  [default: a new one]",
)
@click.option(
    "--until-stable", is_flag=False, flag_value=f"{DEFAULT_UNTIL_STABLE * 100:g}", metavar="[PERCENT]",
    type=make_percentage_parser("--until-stable"),
    help=f"Repeat each case, at least --repeat times, until its median is known to ±PERCENT.  [default: "
    f"{DEFAULT_UNTIL_STABLE * 100:g}]",
)  # fmt: skip
@click.option(
    "--max-time", type=make_seconds_parser("--max-time"), metavar="SECONDS",
    help="Start no further round of trials after this time.  "
    f"[default: {DEFAULT_STABLE_LIMIT_S:g} with --until-stable, else no limit]",
)  # fmt: skip
@click.option(
    "--gil",
    type=click.Choice(list(_GIL)),
    help="Run with the GIL on, off or both, for interpreters and kernels that can switch it.",
)
@click.option(
    "--python", multiple=True, type=parse_names, metavar="PYTHON",
    help="An interpreter's path, a version, or all.  [default: the one that runs pi-tui]",
)  # fmt: skip
@click.option(
    "--arg", "arguments", multiple=True, type=parse_argument, metavar="NAME=VALUE",
    help="A further argument for functions of your own; may be repeated.",
)  # fmt: skip
@click.option(
    "--timeout", type=make_seconds_parser("--timeout"), metavar="SECONDS", help="End a trial that takes longer."
)
@click.option(
    "--explain", is_flag=True,
    help="Explain below the table where the speed-up was lost (csv and json always contain the figures).",
)  # fmt: skip
@click.option(
    "--lanes", type=click.Path(path_type=Path), metavar="FILE",
    help="Write to FILE what each worker did or waited for, hundreds of times per second.",
)  # fmt: skip
@add_lanes_hz_option()
@click.option(
    "--plot", multiple=True, is_flag=False, flag_value=IN_TEXT, metavar="[FILE]",
    help="Draw charts of scaling below the table, or into FILE.svg or FILE.png; may be repeated.",
)  # fmt: skip
@click.option(
    "--what-if", type=make_count_parser("--what-if"), metavar="N",
    help="With --plot: predict the speed-up with N workers from the fitted scaling law.",
)  # fmt: skip
@click.option("--no-history", is_flag=True, help="Leave the run out of the history (see `pi-tui log`).")
@click.option("--force", is_flag=True, help="Run even if it would be refused as too large.")
@click.option(
    "--format", type=click.Choice(FORMATS),
    help="[default: by the suffix of --output; else table on a terminal, json otherwise]",
)  # fmt: skip
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the results to FILE instead of standard output.",
)
@add_all_fields_option()
def run(
    format: Format | None,
    output: Path | None,
    all_fields: bool,
    explain: bool,
    lanes: Path | None,
    lanes_hz: int | None,
    plot: tuple[str, ...],
    what_if: int | None,
    no_history: bool,
    **options: Any,
) -> int:
    """Measure KERNELs and print the results.

    `pi-tui kernels` and `pi-tui modes` list what can be run. Name a function of your own by its file or module:
    ./work.py:func or package.module:func. It is called as func(n), where n is the number of samples.
    """
    request = _make_request(**options)
    charts = ChartOutput(plot, what_if)
    destination = Output(format, output, explain=explain, all_fields=all_fields, charts=charts)
    from pi_tui.cli.run_session import execute_run

    remarks = tuple(_find_unused_options(request.modes, options))
    return execute_run(request, destination, lanes, history=not no_history, remarks=remarks, lanes_hz=lanes_hz)


def _find_unused_options(modes: Sequence[str], options: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each given option that none of the modes uses; unknown modes are ignored here."""
    known = [MODES[name] for name in modes if name in MODES]
    for option, applies, users in (
        ("start_method", any(mode.has_start_methods for mode in known), "modes made of processes"),
        ("transport", any(mode.has_transports for mode in known), "the mode processes"),
        ("chunksize", any(mode.has_chunks for mode in known), "the pools that give a worker several tasks at a time"),
    ):
        if options[option] and known and not applies:
            yield f"--{option.replace('_', '-')} is only for {users}: it changes nothing here."


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
    """Return the request that the options describe, with defaults; the plan checks whether it makes sense."""
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
