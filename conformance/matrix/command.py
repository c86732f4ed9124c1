"""The ``matrix`` command."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from conformance.matrix.cells import Cell, all_cells, chosen, in_order
from conformance.matrix.document import counts, document, finished, is_good, write
from conformance.matrix.judging import GOOD, CellResult, FuzzCost
from conformance.matrix.running import Plan, default_jobs, results
from conformance.matrix.seen import remember as note_where_seen
from conformance.matrix.stable import Stable
from conformance.outcomes import EXIT_FAILED, EXIT_KEPT, EXIT_OUR_MISTAKE

EXIT_INTERRUPTED = 130
COMBINATIONS_SEED = 20261123
_SHOWN = 5
_SAVED_EVERY = 15.0
"""Seconds. Whatever ends this process, not more than that is lost."""


@click.command("matrix")
@click.option("--jobs", type=click.IntRange(1, 64), default=None, help="Servers at a time.  [default: 4 x processors]")
@click.option(
    "--only", multiple=True, metavar="A,B", help="Names (with * and ?), requirements, faults, variants, combinations."
)
@click.option("--combinations", type=click.IntRange(0, 1000), default=60, show_default=True, help="Pairwise ones.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the order, and of the fuzzing.")
@click.option("--turn-seconds", type=click.FloatRange(0.05, 60), default=0.4, show_default=True)
@click.option("--fuzz-examples", type=click.IntRange(1, 1000), default=3, show_default=True)
@click.option(
    "--quick",
    is_flag=True,
    help="Faults on few journeys first, variants several at once; whole runs where that is not enough.",
)
@click.option(
    "--sample", type=click.IntRange(1), default=None, help="Only so many servers, the first of the seed's order."
)
@click.option("--remember", is_flag=True, help="Note where each fault was seen, for --quick.")
@click.option("--resume", is_flag=True, help="Go on from the matrix in the report directory.")
@click.option("--report-dir", type=click.Path(file_okay=False, path_type=Path), default=Path("reports"))
def matrix(
    jobs: int | None,
    only: tuple[str, ...],
    combinations: int,
    seed: int,
    turn_seconds: float,
    fuzz_examples: int,
    quick: bool,
    sample: int | None,
    remember: bool,
    resume: bool,
    report_dir: Path,
) -> None:
    """Judge every fault and every variant of the mock: is each fault caught by its own requirement, does each variant pass?"""
    patterns = [word.strip() for given in only for word in given.split(",") if word.strip()]
    with Stable() as stable:
        listing = stable.listing(combinations, COMBINATIONS_SEED)
    cells = in_order(chosen(all_cells(listing), patterns), seed)[:sample]
    done = finished(report_dir, cells) if resume else []
    known = {(one.kind, one.name) for one in done}
    left = [cell for cell in cells if (cell.kind, cell.name) not in known]
    started, began = datetime.now(timezone.utc).isoformat(timespec="seconds"), time.monotonic()
    plan = Plan(
        jobs=min(jobs or default_jobs(), max(1, len(left))),
        turn_seconds=turn_seconds,
        fuzz=FuzzCost(fuzz_examples, 20.0),
        seed=seed,
        quick=quick,
    )

    def written() -> Mapping[str, Any]:
        value = document(done, len(cells), seed, time.monotonic() - began, started)
        write(value, report_dir)
        return value

    interrupted = False
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with closing(results(left, plan)) as flow:
            saved = time.monotonic()
            for one in _with_progress(flow, len(left)):
                done.append(one)
                if time.monotonic() - saved > _SAVED_EVERY:
                    written()
                    saved = time.monotonic()
    except KeyboardInterrupt:
        interrupted = True
    finally:
        value = written()
    if remember:
        note_where_seen(done)
    _tell(done, cells, value["median_seconds"], report_dir)
    if interrupted:
        sys.exit(EXIT_INTERRUPTED)
    if any(one.outcome == "error" for one in done):
        sys.exit(EXIT_OUR_MISTAKE)
    sys.exit(EXIT_KEPT if is_good(done) else EXIT_FAILED)


def _with_progress(flow: Iterable[CellResult], total: int) -> Iterable[CellResult]:
    console = Console(stderr=True)
    if not console.is_terminal:
        yield from flow
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("servers", total=total)
        for one in flow:
            if one.outcome not in GOOD:
                progress.console.print(f"{one.outcome}: {one.name}", markup=False, highlight=False)
            progress.advance(task)
            yield one


def _tell(done: Sequence[CellResult], cells: Sequence[Cell], middle: float | None, folder: Path) -> None:
    for one in sorted(done, key=lambda one: (one.outcome, one.name)):
        if one.outcome in GOOD:
            continue
        said = {**one.failed, **one.untested} if one.outcome != "blind" else {**one.untested, **one.unobservable}
        reasons = "; ".join(f"{key}: {reason}" for key, reason in list(said.items())[:_SHOWN])
        breaks = f" (breaks {', '.join(one.breaks)})" if one.breaks else ""
        click.echo(f"{one.outcome}: {one.kind} {one.name}{breaks}: {reasons or one.note or 'nothing failed'}"[:600])
    for one in done:
        if one.again:
            click.echo(f"a second look: {one.kind} {one.name} is {one.outcome}; {one.note}"[:300])
    for kind, numbers in counts(done).items():
        click.echo(f"{kind}: " + ", ".join(f"{number} {outcome}" for outcome, number in numbers.items()))
    if len(done) < len(cells):
        click.echo(f"interrupted: {len(done)} of {len(cells)} servers were judged; --resume goes on from there")
    if middle is not None:
        click.echo(f"median of one server: {middle:.1f} s; matrix.json and matrix.md are in {folder}")
