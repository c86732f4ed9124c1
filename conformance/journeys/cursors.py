"""Tails from cursors that are none: whatever the server does with them, it must not break."""

from __future__ import annotations

import asyncio

from conformance import api
from conformance.journeys.player import Player
from conformance.journeys.probes import MALFORMED_CURSORS, Cursor
from conformance.journeys.stage import Stage
from conformance.journeys.tails import Until

JOURNEY = "cursors"
AT_ONCE = 4
ODD = frozenset({"sql", "nul", "line-end", "long", "percent-nul", "emoji", "other-digits", "superscript"})
"""Cursors that whoever stands before the API may take for an attack, and refuse with an answer of its own."""


async def play(player: Player, stage: Stage) -> None:
    """On the dialogue's session, once it has had a turn: an empty stream hides what a cursor does.

    :raises BrokeOff: when the dialogue gave none.
    """
    session, _ = await stage.wait_first_turn("malformed")
    gate = asyncio.Semaphore(AT_ONCE)

    async def tail(cursor: Cursor, by: str) -> None:
        way = {"since": cursor.text} if by == "query" else {"last_event_id": cursor.text}
        request = api.tail_events(player.target, player.authorization("own"), session.session_id, **way)
        facts = session.facts(part="malformed", cursor=cursor.text, by=by)
        if cursor.name in ODD:
            facts["odd_path"] = True
        until = Until(seconds=1.0, silence=0.1, envelopes=1)
        async with gate:
            step = f"malformed-{cursor.name}-{by}"
            await player.play(JOURNEY, step, "tail-events", request, facts=facts, until=until)

    await asyncio.gather(
        *(
            tail(cursor, by)
            for cursor in MALFORMED_CURSORS
            for by in (("query", "header") if cursor.in_header else ("query",))
        )
    )
