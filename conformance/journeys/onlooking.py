"""What can be played without writing: GETs for a session that does not exist, with and without a credential.

Its exchanges are steps of the journey ``strangers``, by the names and facts that its judges know.
"""

from __future__ import annotations

import uuid

from conformance.journeys.plain_requests import plain_request
from conformance.journeys.player import Player
from conformance.journeys.strangers import JOURNEY, bad_credentials
from conformance.journeys.tails import Until
from conformance.recording import Operation

OPERATIONS: tuple[Operation, ...] = ("list-messages", "tail-events")


async def play(player: Player) -> None:
    """:raises BrokeOff: a bound of ours keeps a request from being sent."""
    nowhere = str(uuid.uuid4())
    for name, literal in bad_credentials().items():
        for operation in OPERATIONS:
            await _ask(player, f"bad-{name}-nowhere/{operation}", operation, nowhere, f"bad-{name}", literal)
    for round_ in (1, 2):
        missing = str(uuid.uuid4())
        for operation in OPERATIONS:
            own = player.authorization("own")
            await _ask(player, f"missing-{round_}/{operation}", operation, missing, "own", own)


async def _ask(
    player: Player, step: str, operation: Operation, asked: str, credential: str, literal: str | None
) -> None:
    request = plain_request(player, operation, asked, literal)
    until = Until(seconds=player.limits.settle, silence=player.limits.quiet)
    facts = {"part": "stranger", "asked": asked}
    await player.play(JOURNEY, step, operation, request, credential=credential, facts=facts, until=until)
