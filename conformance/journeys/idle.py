"""A session that never has a turn: whatever comes out of its stream belongs to somebody else."""

from __future__ import annotations

import asyncio

from conformance.journeys.player import Player
from conformance.journeys.stage import Stage
from conformance.journeys.tails import Until
from conformance.journeys.turns import open_session

JOURNEY = "idle"


async def play(player: Player, stage: Stage) -> None:
    """Watch the session until all the others are done; meanwhile try a cursor of another session on it."""
    session = await open_session(player, JOURNEY)
    limits = player.limits
    watching = Until(
        seconds=20 * limits.turn_timeout,
        silence=20 * limits.turn_timeout,
        goal=stage.all_others_done,
        settle=limits.quiet,
    )
    watch = asyncio.create_task(session.tail("watch", {}, watching))
    try:
        _, read = await stage.wait_first_turn("foreign-cursor")
        # From an id in the middle: a server that follows the cursor to its session shows the rest of that turn.
        if read.ids:
            after = read.ids[len(read.ids) // 2]
            await session.tail("foreign-cursor", {"after": after}, session.quiet(), since=after)
    finally:
        await watch
