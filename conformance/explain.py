"""The ``explain`` command."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence

import click

from conformance.explained import explanations, nearest
from conformance.explaining import Fault, as_markdown, as_text, document, listed
from conformance.outcomes import BadInput, OurMistake
from conformance.requirements import catalogue
from conformance.spec_files import SpecDamaged

LISTING_SECONDS = 60.0
"""The mock's list of faults is another process; one that hangs is not waited for longer."""
WIDEST = 110


@click.command("explain")
@click.argument("id", required=False, metavar="[ID]")
@click.option(
    "--markdown", is_flag=True, help="As Markdown; without an ID all of them, as spec/REQUIREMENTS.md has them."
)
def explain(id: str | None, markdown: bool) -> None:
    """Explain a requirement: rule, reason, page, judgement, examples, faults. Without an ID, list all of them."""
    try:
        if id is None:
            click.echo(document(explanations().values(), faults()) if markdown else listed(catalogue().values()))
            return
        told = explanations().get(id.strip().upper())
        if told is None:
            near = nearest(id)
            rest = f"; the nearest: {', '.join(near)}" if near else "; `neo-conformance explain` lists all"
            raise BadInput(f"no requirement {id[:40]!r}{rest}")
        proofs = faults().get(told.id, ())
    except SpecDamaged as damaged:
        raise OurMistake(str(damaged)) from None
    width = min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns)
    click.echo(as_markdown(told, proofs) if markdown else as_text(told, proofs, max(40, width)))


def faults() -> Mapping[str, Sequence[Fault]]:
    """The faults of the reference server by the requirement that they break, as ``neo-conformance faults`` lists them.

    It is asked as a program, for the suite imports nothing of it.

    :raises OurMistake: it does not answer.
    """
    command = [sys.executable, "-m", "conformance", "faults", "--json"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=LISTING_SECONDS, check=True)
        listing = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        raise OurMistake("the reference server does not list its faults") from None
    found: dict[str, list[Fault]] = {}
    for one in sorted(listing, key=lambda one: str(one["name"])):
        for broken in one["breaks"]:
            found.setdefault(broken, []).append(Fault(one["name"], one["does"], bool(one["under_load"])))
    return found
