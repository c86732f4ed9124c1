"""Reconnects to a turn that has ended, after some or all of its ids, by query and by header."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import pairwise

from conformance.journeys.turns import Read, SessionPlay

CUTS_MOST = 200
"""Every id of a turn on a server of this machine, where a reconnect costs nothing."""
CUTS_LIVE_TARGET = 8
"""On any other server."""
CUTS_FEW = 4
"""For the turns that are not cut everywhere: a server may treat one kind of turn differently."""
RESUMES_AT_ONCE = 8
VAIN_MOST = 8
"""Reconnects that never reached the turn's end: more of them tell nothing new, and each takes its time."""


async def resume(session: SessionPlay, read: Read, most: int) -> None:
    """Reconnect after up to ``most`` ids of the turn; fewer on a target that is not on this machine."""
    ids = read.ids
    if not session.player.target.on_loopback:
        most = min(most, CUTS_LIVE_TARGET)
    gate = asyncio.Semaphore(RESUMES_AT_ONCE)
    vain: list[str] = []

    async def one(index: int, by: str) -> None:
        after = ids[index]
        last = index == len(ids) - 1
        facts = {"turn": read.number, "part": "resume", "after": after, "by": by}
        until = session.quiet() if last else session.over(ids[-1])
        way = {"since": after} if by == "query" else {"last_event_id": after}
        async with gate:
            if len(vain) >= VAIN_MOST:
                return
            tail = await session.tail(f"turn-{read.number}/resume-{index + 1:03}-{by}", facts, until, **way)
            if not last and tail.ending != "goal":
                vain.append(tail.step)

    chosen = cuts(ids, most)
    if most == CUTS_FEW:
        # Nothing comes after the last id, and to see that takes a while; the full set has it.
        chosen = [index for index in chosen if index != len(ids) - 1]
    # Not in the turn's order: what depends on the place can then be told from what depends on the time.
    order = [*chosen[::2], *chosen[1::2]]
    await asyncio.gather(*(one(index, by) for index in order for by in ("query", "header")))


def cuts(ids: Sequence[str], most: int) -> list[int]:
    """Which ids to reconnect after, as indexes: all if they are no more than ``most``; else a spread of that many.

    In a spread, the first and the last are always there, and neighbours with equal milliseconds as far as there is
    room for them: that is where a server that compares ids carelessly goes wrong.
    """
    if len(ids) <= most:
        return list(range(len(ids)))
    chosen = {0, len(ids) - 1}
    twins = [i for i, (one, two) in enumerate(pairwise(ids)) if one.partition("-")[0] == two.partition("-")[0]]
    for index in (twins[0], twins[-1]) if twins else ():
        chosen |= {index, index + 1} if len(chosen) + 2 <= most else set()
    step = max(1, (len(ids) - 1) // most)
    for index in range(0, len(ids), step):
        if len(chosen) >= most:
            break
        chosen.add(index)
    return sorted(chosen)
