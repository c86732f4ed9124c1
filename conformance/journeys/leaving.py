"""A client that goes away while its turn runs, and comes back: the turn must not depend on who listens (M1, E3)."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from conformance.evidence import joined
from conformance.journeys.following import follow
from conformance.journeys.tails import RUNNING, Until
from conformance.journeys.turns import Read, SessionPlay, cursor_of
from conformance.recording import Exchange


async def read_with_a_break(session: SessionPlay, number: int, post: Exchange, before: Read, seconds: float) -> Read:
    """Read an accepted turn by one tail alone: closed when the turn is seen to run, opened again so much later."""
    player = session.player
    player.activity = f"{session.journey}: waiting for turn {number}"
    patience = player.patience()
    until = Until(
        seconds=patience,
        silence=patience,
        endings=1,
        known=before.known,
        grace=player.limits.grace,
        left_open=before.left_open,
    )
    facts: dict[str, object] = {"turn": number, "kind": "main", "left": True}
    step = f"turn-{number}/tail"
    first = await session.tail(
        step, {**facts, "part": "tail"}, replace(until, envelopes=RUNNING), since=cursor_of(post)
    )
    ids = [frame.id for frame in first.frames if frame.id]
    links: tuple[Exchange, ...] = (first,)
    if ids and first.status == 200 and first.ending in ("goal", "closed", "broken"):
        if first.ending == "goal":
            await asyncio.sleep(seconds)
        facts |= {"part": "link", "link": 2, "after": ids[-1], "by": "header"}
        later = f"{step}/link-2"
        links += await follow(session.tail, player.clock, later, facts, until, last_event_id=ids[-1])
    main = joined(links)
    player.note_end(reached=main.ending in ("terminal", "closed", "broken"))
    read = Read(number, post, main, before.known)
    return replace(read, known=before.known | frozenset(read.ids))
