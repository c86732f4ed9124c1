"""The ``faults`` and ``variants`` commands: what a mock can be told to do otherwise."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from conformance.mock.changes import Fault


@click.command("faults")
@click.option("--json", "as_json", is_flag=True, help="As a JSON list.")
def faults(as_json: bool) -> None:
    """List the faults of the mock: each breaks one thing (`neo-conformance mock --fault NAME`)."""
    from conformance.mock.faults import all_faults

    found = sorted(all_faults().values(), key=lambda one: (one.breaks, one.name))
    _show(
        (
            {
                "name": one.name,
                "breaks": one.breaks,
                "does": one.does,
                "mistake": one.mistake,
                "policy": one.policy,
                "under_load": one.under_load,
                "workers": one.workers,
                **({} if as_json else {"shows": _shows(one)}),
            }
            for one in found
        ),
        as_json=as_json,
        line="{name}\n    breaks {breaks}: {does}\n    as when {mistake}{shows}",
    )


@click.command("variants")
@click.option("--json", "as_json", is_flag=True, help="As a JSON list.")
def variants(as_json: bool) -> None:
    """List the lawful variants of the mock (`neo-conformance mock --variant A,B`)."""
    from conformance.mock.variants import all_variants

    found = sorted(all_variants().values(), key=lambda one: (one.settles, one.name))
    _show(
        (
            {"name": one.name, "settles": one.settles, "does": one.does, "policy": one.policy, "hides": one.hides}
            for one in found
        ),
        as_json=as_json,
        line="{name}\n    {settles}: {does}",
    )


def _shows(one: Fault) -> str:
    if not one.under_load:
        return ""
    several = f" --mock-workers {one.workers} --redis-url URL" if one.workers > 1 else ""
    return f"\n    shows only under load: neo-conformance soak --users 50 --fault {one.name}{several}"


def _show(rows: Iterable[Mapping[str, Any]], *, as_json: bool, line: str) -> None:
    if as_json:
        click.echo(json.dumps([dict(row) for row in rows], indent=1, ensure_ascii=False))
        return
    for row in rows:
        words = {key: ", ".join(value) if isinstance(value, tuple) else value for key, value in row.items()}
        click.echo(line.format(**words))
