"""``neo-conformance replay-history``: play a history that failed once more."""

from __future__ import annotations

import os
from contextlib import nullcontext
from pathlib import Path

import click

from conformance.embedded import EmbeddedMock
from conformance.histories.curl_lines import curl_lines, printed
from conformance.histories.history_file import read_history
from conformance.histories.replaying import play_history
from conformance.journeys.limits import Limits
from conformance.outcomes import EXIT_FAILED, EXIT_KEPT
from conformance.target import KEY_VARIABLE, OTHER_KEY_VARIABLE, Target, parse_base_url, parse_key


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--base-url", metavar="URL", help="the target; without it the embedded mock is started")
@click.option("--agent-id", metavar="N", type=click.IntRange(min=0), help="the agent to chat with, by number")
@click.option("--turn-timeout", metavar="S", type=click.FloatRange(min=0, min_open=True, max=86_400), default=90.0)
def replay_history(file: Path, base_url: str | None, agent_id: int | None, turn_timeout: float) -> int:
    """Play the steps of FILE (a history-N.json of a report) on a target, and judge what comes.

    Exit code 1 where a requirement is broken again that was broken then, 0 where none is. The keys come from NEO_API_KEY and
    NEO_OTHER_API_KEY.
    """
    steps, rules = read_history(file)
    with nullcontext(_target(base_url, agent_id)) if base_url is not None else EmbeddedMock() as target:
        recording, broken = play_history(target, Limits(turn_timeout=turn_timeout), steps)
    click.echo(printed(curl_lines(recording)))
    again = [one for one in broken if not rules or one.rule in rules]
    for one in broken:
        known = "" if one in again else " (not what was found then)"
        click.echo(f"{one.rule} is broken{known}: {one.violation.reason}")
    if not again:
        click.echo("it did not fail again")
    return EXIT_FAILED if again else EXIT_KEPT


def _target(base_url: str, agent_id: int | None) -> Target:
    """:raises BadInput: an address or a key that cannot be used."""
    other = os.environ.get(OTHER_KEY_VARIABLE)
    return Target(
        base_url=parse_base_url(base_url),
        api_key=parse_key(os.environ.get(KEY_VARIABLE), KEY_VARIABLE),
        other_key=None if other is None else parse_key(other, OTHER_KEY_VARIABLE),
        agent_id=agent_id,
    )
