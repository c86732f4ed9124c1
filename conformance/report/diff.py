"""The ``diff`` command."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from conformance.outcomes import EXIT_FAILED, EXIT_KEPT
from conformance.report.difference import difference
from conformance.report.difference_forms import as_json, as_markdown, as_text
from conformance.report.reading import read_report

_FORMS = {"text": as_text, "markdown": as_markdown, "json": as_json}


@click.command("diff")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(list(_FORMS)), default="text", show_default=True)
def diff(old: Path, new: Path, form: str) -> None:
    """What changed from one conformance.json to another. Exit 1 if something fails that did not before, else 0."""
    found = difference(read_report(old), read_report(new))
    click.echo(_FORMS[form](found), nl=False)
    sys.exit(EXIT_FAILED if found.is_worse else EXIT_KEPT)
