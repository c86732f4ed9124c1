"""Tails without a cursor (CUR-04, CUR-05)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from redis.asyncio import Redis

from conformance.mock.behaviour import Behaviour, Sends
from conformance.mock.faults.registry import fault
from conformance.mock.ids import FIRST_EVENT, just_before
from conformance.mock.positions import events_after, newest_event, turns_of, turns_running
from conformance.mock.sse import Frame, Signal
from conformance.mock.tail import Asked, Tail
from conformance.mock.wrapping import ChangeStart, with_flow, with_reader, with_start


def _without_cursor(server: Behaviour, change: ChangeStart) -> Behaviour:
    async def start(client: Redis, session: str, asked: Asked, after: str) -> str:
        return after if asked.since or asked.header else await change(client, session, asked, after)

    return with_start(server, start)


@fault("CUR-04", "CUR-05", mistake="without a cursor the read begins at '$', the default of XREAD BLOCK")
def uncursored_tail_is_live_only(server: Behaviour) -> Behaviour:
    """A tail without a cursor has only what is written after it was opened."""

    async def start(client: Redis, session: str, _asked: Asked, _after: str) -> str:
        return await newest_event(client, session)

    return _without_cursor(server, start)


@fault(
    "CUR-04", "CUR-05", mistake="while a turn runs, a tail subscribes to the channel and does not look at the stream"
)
def uncursored_tail_is_live_only_while_a_turn_runs(server: Behaviour) -> Behaviour:
    """A tail without a cursor that is opened while a turn runs has only what is written after that."""

    async def start(client: Redis, session: str, _asked: Asked, after: str) -> str:
        return await newest_event(client, session) if await turns_running(client, session) else after

    return _without_cursor(server, start)


@fault("CUR-04", mistake="the first page of the history is skipped where the count of pages begins at 1")
def uncursored_tail_skips_the_first_events(server: Behaviour) -> Behaviour:
    """On a session's first turn a tail without a cursor leaves the first four events out."""

    def flow(tail: Tail, sends: Sends) -> Sends:
        async def shortened() -> AsyncIterator[Frame | Signal]:
            left = 0 if tail.asked.since or tail.asked.header or tail.after != FIRST_EVENT else 4
            async for item in sends:
                if isinstance(item, Frame) and left:
                    left -= 1
                else:
                    yield item

        return shortened()

    return with_flow(server, flow)


@fault("CUR-05", mistake="without a cursor the running turn's own start is looked up, and the read begins there")
def no_previous_final_state(server: Behaviour) -> Behaviour:
    """Without a cursor a later turn is tailed from its own beginning, and nothing of the turn before comes back."""

    async def start(client: Redis, session: str, _asked: Asked, after: str) -> str:
        turns, events = await turns_of(client, session), await events_after(client, session)
        if len(turns) < 2:
            return after
        last = events[-1][0] if events else FIRST_EVENT
        return next((just_before(event) for event, entry in events if entry["turn"] == turns[-1]), last)

    return _without_cursor(server, start)


@fault("CUR-05", mistake="the final state is cached by session on its first turn, and the cache has no end")
def final_state_of_the_first_turn_for_ever(server: Behaviour) -> Behaviour:
    """Without a cursor the tail of a later turn begins with the first turn's final state, and leaves out all others."""
    return _shows_old_end(server, lambda turns: turns[0])


@fault("CUR-05", mistake="the final state is written to its row by a job that is one turn behind")
def final_state_of_the_turn_before_the_last(server: Behaviour) -> Behaviour:
    """Without a cursor the tail shows the final state of the turn before the previous one, and not the previous one's."""
    return _shows_old_end(server, lambda turns: turns[-3] if len(turns) > 2 else "")


def _shows_old_end(server: Behaviour, whose: Callable[[list[str]], str]) -> Behaviour:
    """Without a cursor on a third or later turn: the final state of another turn than the previous one, then the latest."""

    def reader(client: Redis, tail: Tail, read: Callable[[Tail], Sends]) -> Sends:
        async def sends() -> AsyncIterator[Frame | Signal]:
            turns = await turns_of(client, tail.session)
            old = len(turns) > 2 and not (tail.asked.since or tail.asked.header)
            hidden, shown = set(turns[:-1]), whose(turns) if old else ""
            async for item in read(replace(tail, after=FIRST_EVENT) if old else tail):
                if old and isinstance(item, Frame) and item.entry["turn"] in hidden:
                    if item.entry["turn"] == shown and item.entry["final"] == "1":
                        yield item
                    continue
                yield item

        return sends()

    return with_reader(server, reader)
