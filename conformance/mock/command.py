"""The ``mock`` command: start a server and say where it is."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, NoReturn, TypeVar

import click

from conformance.mock.accounts import MOCK_KEYS
from conformance.mock.policy import Policy
from conformance.mock.settings import RateLimit, Settings

if TYPE_CHECKING:
    from collections.abc import Callable

_Number = TypeVar("_Number", int, float)


@click.command("mock")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default="8000", metavar="INTEGER", show_default=True, help="Port to listen on; 0 takes a free one."
)
@click.option(
    "--turn-seconds", default="0.4", metavar="SECONDS", show_default=True, help="Length of one scripted turn."
)
@click.option("--rate-limit", default="1200/60", show_default=True, metavar="N/SECONDS", help="Requests per tenant.")
@click.option("--redis-url", default=None, help="Keep the state in this Redis, not in the process.")
@click.option(
    "--workers", default="1", metavar="INTEGER", show_default=True, help="Server processes; more than 1 needs a Redis."
)
@click.option("--announce-json", is_flag=True, help="First line of output: a JSON object with the address and keys.")
@click.option("--until-stdin-closes", is_flag=True, help="Stop when standard input ends.")
@click.option("--fault", default=None, metavar="NAME", help="Break one thing; `neo-conformance faults` lists them.")
@click.option(
    "--variant", default="", metavar="A,B", help="Answer open points otherwise; `neo-conformance variants` lists them."
)
@click.option("--policy", default="{}", hidden=True, help="JSON object: the open points of the contract.")
def mock(
    host: str,
    port: str,
    turn_seconds: str,
    rate_limit: str,
    redis_url: str | None,
    workers: str,
    announce_json: bool,
    until_stdin_closes: bool,
    fault: str | None,
    variant: str,
    policy: str,
) -> None:
    """Run the reference mock server of the Neo Public API's chat surface."""
    try:
        settings = Settings(
            host=host,
            port=_number("--port", port, int),
            turn_seconds=_number("--turn-seconds", turn_seconds, float),
            rate=RateLimit.parse(rate_limit),
            redis_url=redis_url,
            workers=_number("--workers", workers, int),
            policy=Policy.from_json(policy),
            variants=tuple(name.strip() for name in variant.split(",") if name.strip()),
            fault=fault,
        )
        if fault or settings.variants:
            from conformance.mock.assembly import behaviour_of

            # Here, so that a wrong name is told before anything is started.
            behaviour_of(settings)
    except ValueError as wrong:
        _refuse(str(wrong))

    # The server's libraries are slow to import; a wrong option or --help does not wait for them.
    from conformance.mock.processes import StartError, serve

    def announce(base_url: str) -> None:
        _announce(base_url, as_json=announce_json)

    try:
        serve(settings, announce, until_stdin_closes=until_stdin_closes)
    except StartError as wrong:
        _refuse(str(wrong))


def _number(option: str, given: str, kind: type[_Number]) -> _Number:
    # Here and not by click's types, whose refusals are several lines long.
    try:
        return kind(given)
    except ValueError:
        raise ValueError(f"{option} has to be a number, not {given!r}") from None


def _refuse(reason: str) -> NoReturn:
    click.echo(f"neo-conformance mock: {reason}", err=True)
    sys.exit(2)


def _announce(base_url: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"base_url": base_url, "keys": MOCK_KEYS}))
    else:
        say: Callable[[str], None] = click.echo
        say(f"Neo Public API mock at {base_url}/public-api (Ctrl+C stops it). Its keys open nothing else:")
        for name, key in MOCK_KEYS.items():
            say(f"  {name:9} {key}")
        say("Try:")
        say(
            f"  curl -s {base_url}/public-api/chat/sessions -H 'Authorization: Bearer {MOCK_KEYS['first']}' "
            "-H 'Content-Type: application/json' -d '{\"agent_id\": 1}'"
        )
    sys.stdout.flush()
