"""Seven turns of one session: the tiers, the cursors, and every cut of a turn.

The order of the tiers is chosen so that neither parity nor a threshold in time coincides with the tier
(``tier_evidence`` has the rule), and so that an omitted tier follows both a SMART and a FAST turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from itertools import pairwise

from conformance.journeys.player import Player
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
RESUMED = 2
LIVE = 5
CUTS_LIVE_TARGET = 8
CUTS_MOST = 200
RESUMES_AT_ONCE = 8
LINKS_MOST = 12


async def play(player: Player, stage: Stage) -> None:
    """:raises BrokeOff: where the target does not let it go on."""
    session = await open_session(player, JOURNEY)
    read: Read | None = None
    for number, message in enumerate(PLAN, start=1):
        read = await _turn(session, number, message, read)
        if number == 1:
            stage.first_turn.set_result((session, read))
        ended(read)
        await _again(session, read)
        if number == RESUMED:
            await _resume_everywhere(session, read)
    if read is not None and read.last_id is not None:
        await session.tail("quiet", {"after": read.last_id}, session.quiet(), since=read.last_id)
    await session.messages()


async def _turn(session: SessionPlay, number: int, message: Message, before: Read | None) -> Read:
    post = accepted(await session.post(f"turn-{number}/post", message, {"turn": number, "part": "post"}))
    goal, running = Goal(), asyncio.Event()
    known = before.known if before else frozenset()
    beside: list[Awaitable[object]] = []
    cursor = cursor_of(post)
    if cursor is not None:
        beside.append(session.beside_tail(number, "header", goal, last_event_id=cursor))
    if before is not None and before.last_id is not None:
        # By query and by header in turn: a reconnect is as lawful by one as by the other.
        way = {"since": before.last_id} if number % 2 else {"last_event_id": before.last_id}
        beside.append(session.beside_tail(number, "before", goal, after=before.last_id, **way))
    if number in WITHOUT_CURSOR:
        beside.append(_without_cursor(session, number, goal, running))
    if number == LIVE and cursor is not None:
        beside.append(_live(session, number, cursor, goal))
    read, _ = await asyncio.gather(session.main_tail(number, post, known, goal, running), asyncio.gather(*beside))
    return read


async def _without_cursor(session: SessionPlay, number: int, goal: Goal, running: asyncio.Event) -> None:
    """The first turn's is opened while it runs: only then does 'from the beginning' differ from 'from now on'."""
    if number == 1:
        await running.wait()
    await session.beside_tail(number, "none", goal)


async def _again(session: SessionPlay, read: Read) -> None:
    """The same tail once more, before the next post: how long a server keeps a turn after that is open."""
    number = read.number
    facts = {"turn": number, "part": "tail", "kind": "again"}
    await session.tail(f"turn-{number}/tail-again", facts, session.over(read.last_id), since=read.cursor)


async def _resume_everywhere(session: SessionPlay, read: Read) -> None:
    """Reconnect after each id of the turn: all of them on this machine, a spread of them elsewhere."""
    ids = read.ids
    most = CUTS_MOST if session.player.target.on_loopback else CUTS_LIVE_TARGET
    gate = asyncio.Semaphore(RESUMES_AT_ONCE)

    async def resume(index: int, by: str) -> None:
        after = ids[index]
        last = index == len(ids) - 1
        facts = {"turn": read.number, "part": "resume", "after": after, "by": by}
        until = session.quiet() if last else session.over(ids[-1])
        way = {"since": after} if by == "query" else {"last_event_id": after}
        async with gate:
            await session.tail(f"turn-{read.number}/resume-{index + 1:03}-{by}", facts, until, **way)

    await asyncio.gather(*(resume(index, by) for index in cuts(ids, most) for by in ("query", "header")))


def cuts(ids: tuple[str, ...], most: int) -> list[int]:
    """Which ids to reconnect after, as indexes: all if they are no more than ``most``; else a spread of that many.

    In a spread, the first and the last are always there, and neighbours with equal milliseconds as far as there is
    room for them: that is where a server that compares ids carelessly goes wrong.
    """
    if len(ids) <= most:
        return list(range(len(ids)))
    chosen = {0, len(ids) - 1}
    twins = [i for i, (one, two) in enumerate(pairwise(ids)) if one.partition("-")[0] == two.partition("-")[0]]
    for index in (twins[0], twins[-1]) if twins else ():
        chosen |= {index, index + 1}
    step = max(1, (len(ids) - 1) // most)
    for index in range(0, len(ids), step):
        if len(chosen) >= most:
            break
        chosen.add(index)
    return sorted(chosen)


async def _live(session: SessionPlay, number: int, cursor: str, goal: Goal) -> None:
    """Read a running turn in pieces: cut the connection after a few envelopes, reconnect after the last id."""
    after, by = cursor, "query"
    limits = session.player.limits
    for link in range(1, LINKS_MOST + 1):
        way = {"since": after} if by == "query" else {"last_event_id": after}
        facts = {"turn": number, "part": "live", "after": None if link == 1 else after, "link": link, "by": by}
        until = Until(
            seconds=2 * limits.turn_timeout,
            silence=limits.turn_timeout,
            goal=goal,
            settle=limits.settle,
            envelopes=None if link == LINKS_MOST else link + 1,
        )
        tail = await session.tail(f"turn-{number}/live-{link:03}", facts, until, **way)
        ids = [frame.id for frame in tail.frames if frame.id]
        if goal.event.is_set() and goal.last_id in ids:
            return
        if tail.ending != "goal" or not ids:
            return
        after, by = ids[-1], "header" if by == "query" else "query"
