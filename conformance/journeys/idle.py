"""A session that never has a turn: whatever comes out of its stream belongs to somebody else."""

from __future__ import annotations

import asyncio

from conformance import api
from conformance.journeys.player import Player
from conformance.journeys.stage import Stage
from conformance.journeys.tails import Until
from conformance.journeys.turns import SessionPlay, open_session

JOURNEY = "idle"
PAUSE = 0.05


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
        used, read = await stage.wait_first_turn("foreign-cursor")
        # From an id in the middle: a server that follows the cursor to its session shows the rest of that turn.
        if read.ids:
            after = read.ids[len(read.ids) // 2]
            facts = {"part": "foreign", "after": after}
            await session.tail("foreign-cursor", facts, session.quiet(), since=after)
            await _on_a_used_session(session, used, stage)
    finally:
        await watch


async def _on_a_used_session(session: SessionPlay, used: SessionPlay, stage: Stage) -> None:
    """The same on the dialogue's session, by query and by header, from an id of a third session's turn that is over."""
    player = session.player
    while not (foreign := _ids_of_another(player, used)) and not stage.all_others_done.event.is_set():
        await asyncio.sleep(PAUSE)
    if not foreign:
        return
    after = foreign[len(foreign) // 2]
    facts = {"part": "foreign", "after": after, "session": used.session_id}
    for by in ("query", "header"):
        way = {"since": after} if by == "query" else {"last_event_id": after}
        request = api.tail_events(player.target, player.authorization("own"), used.session_id, **way)
        step, until = f"foreign-cursor-{by}", session.quiet()
        await player.play(JOURNEY, step, "tail-events", request, facts={**facts, "by": by}, until=until)


def _ids_of_another(player: Player, used: SessionPlay) -> list[str]:
    """The ids of a turn of another journey that was read to its end; none where there is no such turn yet.

    Turns that begin in the same millisecond may well have ids in common: one that is also ours would be no foreign cursor.
    """
    ours = {frame.id for tail in player.exchanges if tail.journey == used.journey for frame in tail.frames}
    for tail in player.exchanges:
        if tail.journey != used.journey and tail.facts.get("kind") == "main" and tail.ending == "terminal":
            foreign = [frame.id for frame in tail.frames if frame.id and frame.id not in ours]
            if foreign:
                return foreign
    return []
