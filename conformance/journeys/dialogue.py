"""Seven turns of one session: the tiers, the cursors, and every cut of a turn.

The order of the tiers is chosen so that neither parity nor a threshold in time coincides with the tier
(``tier_evidence`` has the rule), and so that an omitted tier follows both a SMART and a FAST turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from conformance.journeys.following import follow
from conformance.journeys.player import Player
from conformance.journeys.resuming import CUTS_FEW, CUTS_MOST, resume
from conformance.journeys.stage import Stage
from conformance.journeys.tails import Goal, Until
from conformance.journeys.turns import (
    OMITTED,
    Message,
    Read,
    SessionPlay,
    accepted,
    cursor_of,
    ended,
    open_session,
)

JOURNEY = "dialogue"
PLAN = (
    Message(tier="FAST"),
    Message(tier="FAST"),
    Message(tier="SMART", client_message_id=None),
    Message(tier=OMITTED, client_message_id=None),
    Message(tier="SMART"),
    Message(tier="FAST", client_message_id=None),
    Message(tier=OMITTED),
)
WITHOUT_CURSOR = (1, 2, 5)
RESUMED = (2,)
"""Turns that are resumed at every id; the others at a few."""
POSTED_AT_ONCE = 7
"""The turn that is posted as soon as the one before has ended: what a server does late about an end must not hit it."""
CAUGHT_UP_AFTER = 3
LIVE = {5: 12, 3: 2, 6: 2}
"""Turns that are read in pieces while they run: in how many."""


async def play(player: Player, stage: Stage, turns: int = len(PLAN)) -> None:
    """So many turns of the plan: the first one alone is what other journeys need.

    :raises BrokeOff: where the target does not let it go on.
    """
    session = await open_session(player, JOURNEY)
    first: Read | None = None
    read: Read | None = None
    for number, message in enumerate(PLAN[:turns], start=1):
        read = await _turn(session, number, message, read)
        if number == 1:
            first = read
            stage.first_turn.set_result((session, read))
        ended(read)
        if turns == 1:
            return
        if number == POSTED_AT_ONCE - 1:
            continue
        await session.again(read)
        await resume(session, read, CUTS_MOST if number in RESUMED else CUTS_FEW)
    if read is not None:
        await session.quiet_tail("quiet", read)
        if first is not None:
            await _catch_up(session, first, read)
    await session.messages()


async def _catch_up(session: SessionPlay, first: Read, last: Read) -> None:
    """A client that was away since the third id of the first turn: all the turns since then, to the last one's end."""
    if len(first.ids) < CAUGHT_UP_AFTER or last.last_id is None:
        return
    after = first.ids[CAUGHT_UP_AFTER - 1]
    until = replace(session.over(last.last_id), known=last.known)
    facts = {"part": "catch-up", "after": after}
    await follow(session.tail, session.player.clock, "catch-up", facts, until, since=after)


async def _turn(session: SessionPlay, number: int, message: Message, before: Read | None) -> Read:
    post = accepted(await session.post(f"turn-{number}/post", message, {"turn": number, "part": "post"}))
    running = asyncio.Event()
    others: list[Callable[[Goal], Awaitable[object]]] = []
    cursor = cursor_of(post)
    if number in WITHOUT_CURSOR:
        others.append(lambda goal: _without_cursor(session, number, goal, running))
    if number in LIVE and cursor is not None:
        others.append(lambda goal: _live(session, number, cursor, goal, LIVE[number]))
    return await session.read_turn(number, post, before, running, *others)


async def _without_cursor(session: SessionPlay, number: int, goal: Goal, running: asyncio.Event) -> None:
    """The first turn's is opened while it runs: only then does 'from the beginning' differ from 'from now on'."""
    if number == 1:
        await running.wait()
    await session.beside_tail(number, "none", goal)


async def _live(session: SessionPlay, number: int, cursor: str, goal: Goal, most: int) -> None:
    """Read a running turn in pieces: cut the connection after a few envelopes, reconnect after the last id."""
    after, by = cursor, "query"
    limits = session.player.limits
    for link in range(1, most + 1):
        way = {"since": after} if by == "query" else {"last_event_id": after}
        facts = {"turn": number, "part": "live", "after": None if link == 1 else after, "link": link, "by": by}
        until = Until(
            seconds=2 * limits.turn_timeout,
            silence=limits.turn_timeout,
            goal=goal,
            settle=limits.settle,
            envelopes=None if link == most else link + 1,
        )
        tail = await session.tail(f"turn-{number}/live-{link:03}", facts, until, **way)
        ids = [frame.id for frame in tail.frames if frame.id]
        if goal.event.is_set() and goal.last_id in ids:
            return
        if tail.ending != "goal" or not ids:
            return
        after, by = ids[-1], "header" if by == "query" else "query"
