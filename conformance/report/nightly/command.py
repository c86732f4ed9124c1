"""The ``nightly`` command: what the workflow of that name calls when the run is over."""

from __future__ import annotations

import os
from pathlib import Path

import click
import httpx

from conformance.outcomes import BadInput
from conformance.report.document import FILE_NAME
from conformance.report.nightly.repository import TIMEOUT, Repository, workplace
from conformance.report.nightly.tidings import NO_REPORT, Report, is_told, reports_again, tidings
from conformance.report.reading import parsed_report, read_report


@click.command("nightly")
@click.argument("report", type=click.Path(path_type=Path), default=Path("reports") / FILE_NAME)
@click.option("--dry-run", is_flag=True, help="Say what would be told, and tell nobody.")
def nightly(report: Path, dry_run: bool) -> None:
    """Compare tonight's REPORT with the last one that the repository keeps, and tell a change in one issue.

    Runs in a job of GitHub Actions, whose variables and GITHUB_TOKEN (actions: read, issues: write) it uses. A REPORT that
    is not there is a night without one, and told. Exit 0, whatever there was to tell.
    """
    new = read_report(report) if report.exists() else None
    place = workplace(os.environ)
    with httpx.Client(timeout=TIMEOUT, trust_env=True) as client:
        repository = Repository(place, client)
        news = tidings(_readable(repository.last_report()), new, place.run_url)
        issue = repository.open_issue()
        if news is None and new is not None and issue is not None and issue.title == NO_REPORT:
            news = reports_again(new, place.run_url)
        if news is None:
            click.echo("nothing changed")
        elif issue is not None and is_told(issue.body, news):
            click.echo(f"issue {issue.number} says so already: {news.title}")
        elif dry_run:
            click.echo(f"{'a new issue' if issue is None else f'issue {issue.number}'}: {news.title}\n\n{news.comment}")
        elif issue is None:
            click.echo(f"opened issue {repository.open(news)}: {news.title}")
        else:
            repository.update(issue, news)
            click.echo(f"updated issue {issue.number}: {news.title}")


def _readable(content: bytes | None) -> Report | None:
    """A report of a suite that was quite another is none to compare with: this night is a first one then."""
    if content is None:
        return None
    try:
        return parsed_report(content, FILE_NAME)
    except BadInput as problem:
        click.echo(f"the last report is left aside: {problem}", err=True)
        return None
