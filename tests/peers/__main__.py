"""``python -m tests.peers``: the same broken and lawful servers, judged by stock schemathesis and by the suite."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from statistics import median

import click

from conformance import __version__
from conformance.matrix.cells import Cell, all_cells, chosen, in_order
from conformance.matrix.command import COMBINATIONS_SEED
from conformance.matrix.judging import GOOD
from conformance.matrix.stable import Stable
from tests.peers import fuzzing, stock
from tests.peers.comparing import Compared, checks_without_alarm, compare


@click.command()
@click.option("--jobs", type=click.IntRange(1, 64), default=(os.cpu_count() or 1) + 1, show_default=True)
@click.option("--only", multiple=True, help="As of `neo-conformance matrix`; several times.")
@click.option(
    "--sample", type=click.IntRange(1), help="So many faults, of as many requirements, and half as many variants."
)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--report-dir", type=click.Path(file_okay=False, path_type=Path), default=Path("reports"))
def main(jobs: int, only: tuple[str, ...], sample: int | None, seed: int, report_dir: Path) -> None:
    """Write peers.md and peers.json into the report directory."""
    with Stable() as stable:
        cells = in_order(chosen(all_cells(stable.listing(0, COMBINATIONS_SEED)), only), seed)
    if sample is not None:
        cells = sampled(cells, sample)
    checks = checks_without_alarm(jobs)
    click.echo(f"checks of {stock.name_and_version()} that are quiet on the reference: {', '.join(checks)}")
    found: list[Compared] = []
    with click.progressbar(compare(cells, checks, jobs, seed), length=len(cells)) as flow:
        found.extend(flow)
    report_dir.mkdir(parents=True, exist_ok=True)
    rows = [asdict(one) for one in sorted(found, key=lambda one: (one.cell.kind, one.cell.name))]
    (report_dir / "peers.json").write_text(json.dumps(rows, indent=1, default=sorted) + "\n", encoding="utf-8")
    text = table(found, checks, jobs)
    (report_dir / "peers.md").write_text(text, encoding="utf-8")
    click.echo(text)


def sampled(cells: Sequence[Cell], number: int) -> list[Cell]:
    """So many faults, of as many requirements as there are, the reference, and half as many variants; in the given order."""
    by_requirement = {cell.breaks[0]: cell for cell in reversed(cells) if cell.kind == "fault"}
    firsts = [cell for cell in cells if cell in by_requirement.values()]
    others = [cell for cell in cells if cell.kind == "fault" and cell not in firsts]
    faults = [*firsts, *others][:number]
    variants = [cell for cell in cells if cell.kind == "variant"][: len(faults) // 2]
    return [*faults, *(cell for cell in cells if cell.kind == "reference"), *variants]


def table(found: Sequence[Compared], checks: Sequence[str], jobs: int) -> str:
    """The comparison in markdown."""
    faults = [one for one in found if one.cell.kind == "fault"]
    lawful = [one for one in found if one.cell.kind != "fault"]
    day = datetime.now(timezone.utc).date().isoformat()
    left_out = [check for check in stock.CHECKS if check not in checks]
    rows = (
        (
            stock.name_and_version(),
            sum(bool(one.stock.failures) for one in faults),
            sum(bool(one.stock.failures) for one in lawful),
            median(one.stock.seconds for one in found),
            sum(bool(one.stock.note) for one in found),
        ),
        (
            f"neo-conformance {__version__}, fuzzing alone",
            sum(bool(one.fuzzing.rules) for one in faults),
            sum(bool(one.fuzzing.rules) for one in lawful),
            median(one.fuzzing.seconds for one in found),
            0,
        ),
        (
            f"neo-conformance {__version__}, whole",
            sum(one.ours.outcome in GOOD for one in faults),
            sum(one.ours.outcome not in GOOD for one in lawful),
            median(one.our_seconds for one in found),
            sum(one.ours.outcome == "error" for one in found),
        ),
    )
    lines = [
        f"| {day}, Python {platform.python_version()} | faults caught, of {len(faults)} "
        f"| false alarms, of {len(lawful)} | seconds a target (median) | not judged |",
        "|---|---:|---:|---:|---:|",
        *(f"| {name} | {caught} | {alarms} | {seconds:.1f} | {odd} |" for name, caught, alarms, seconds, odd in rows),
        "",
        f"Stock schemathesis: spec/openapi.yaml, phases examples, coverage, fuzzing and stateful, {stock.EXAMPLES} examples "
        f"an operation, {stock.REQUEST_SECONDS:g} s a request, {jobs} targets at a time. Checks left out because they fail "
        f"on the reference server: {', '.join(left_out) or 'none'}. Fuzzing alone: at most {fuzzing.SECONDS:g} s and "
        f"{fuzzing.TURNS} turns a target. For both of them any failure counts as caught; for the whole suite a fault counts "
        "as caught only by the requirement that it breaks.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
