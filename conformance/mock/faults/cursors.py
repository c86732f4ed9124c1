"""Where a tail from a cursor begins, for every tail alike (CUR-01, CUR-02)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from redis.asyncio import Redis

from conformance.mock.behaviour import Behaviour, Sends
from conformance.mock.faults.registry import fault
from conformance.mock.ids import just_before, split_event_id
from conformance.mock.positions import events_after, newest_event, turns_of, turns_running
from conformance.mock.sse import Frame, Signal
from conformance.mock.tail import Asked, Tail
from conformance.mock.wrapping import with_reader, with_start


@fault("CUR-01", "CUR-07", mistake="XRANGE from the cursor itself, where it has to be from '(' and the cursor")
def inclusive_cursor(server: Behaviour) -> Behaviour:
    """A tail begins with the event whose id was given."""

    async def start(_client: Redis, _session: str, asked: Asked, after: str) -> str:
        return just_before(after) if asked.since or asked.header else after

    return with_start(server, start)


@fault("CUR-01", mistake="an off-by-one in a counter of turns that chooses the branch of an old client version")
def inclusive_cursor_in_the_sixth_turn(server: Behaviour) -> Behaviour:
    """In a session's sixth turn, and in no other, a tail begins with the event whose id was given."""

    async def start(client: Redis, session: str, asked: Asked, after: str) -> str:
        sixth = len(await turns_of(client, session)) == 6
        return just_before(after) if sixth and (asked.since or asked.header) else after

    return with_start(server, start)


@fault("CUR-01", "CUR-07", mistake="the cursor is taken for a time, and the time is all that the read begins with")
def sequence_dropped(server: Behaviour) -> Behaviour:
    """A tail begins after the first event of its cursor's millisecond, whatever the cursor's sequence number."""

    async def start(_client: Redis, _session: str, asked: Asked, after: str) -> str:
        return f"{split_event_id(after)[0]}-0" if asked.since or asked.header else after

    return with_start(server, start)


@fault("CUR-02", "CUR-07", mistake="XREAD BLOCK from '$' whatever the client sent")
def cursor_ignored_and_live_only(server: Behaviour) -> Behaviour:
    """A tail from a cursor has only what is written after it was opened."""

    async def start(client: Redis, session: str, asked: Asked, after: str) -> str:
        return await newest_event(client, session) if asked.since or asked.header else after

    return with_start(server, start)


@fault("CUR-02", "CUR-07", mistake="the history is read with XREVRANGE COUNT 20, as for a preview")
def cursor_replays_the_last_twenty(server: Behaviour) -> Behaviour:
    """A tail from a cursor replays no more than the last twenty of the events behind it."""

    async def start(client: Redis, session: str, asked: Asked, after: str) -> str:
        behind = await events_after(client, session, after)
        return just_before(behind[-20][0]) if len(behind) > 20 and (asked.since or asked.header) else after

    return with_start(server, start)


@fault("CUR-07", "CUR-08", mistake="the first page of the history is read, and the next page is never asked for")
def history_of_one_page(server: Behaviour) -> Behaviour:
    """Of the events behind a cursor only the first fifteen are replayed; then the tail goes on live."""

    def reader(client: Redis, tail: Tail, read: Callable[[Tail], Sends]) -> Sends:
        async def sends() -> AsyncIterator[Frame | Signal]:
            behind = await events_after(client, tail.session, tail.after)
            if len(behind) <= 15:
                async for item in read(tail):
                    yield item
                return
            yield "opening"
            for event, entry in behind[:15]:
                yield Frame(event, entry["chunk"], entry)
            async for item in read(replace(tail, after=behind[-1][0])):
                if item != "opening":
                    yield item

        return sends()

    return with_reader(server, reader)


@fault("CUR-07", "CUR-02", mistake="history first, then a subscription from '$': nobody looks at what came between")
def lost_between_history_and_live(server: Behaviour) -> Behaviour:
    """What is written between the read of the history and the live subscription, 40 ms later, is lost."""

    def reader(client: Redis, tail: Tail, read: Callable[[Tail], Sends]) -> Sends:
        async def sends() -> AsyncIterator[Frame | Signal]:
            yield "opening"
            for event, entry in await events_after(client, tail.session, tail.after):
                yield Frame(event, entry["chunk"], entry)
            await asyncio.sleep(0.04)
            live = await newest_event(client, tail.session)
            async for item in read(replace(tail, after=max(live, tail.after, key=split_event_id))):
                if item != "opening":
                    yield item

        return sends()

    return with_reader(server, reader)


@fault(
    "CUR-07",
    "EVT-02",
    mistake="the subscription is opened before the history is read, and the two are not merged by id",
)
def doubled_between_history_and_live(server: Behaviour) -> Behaviour:
    """What is written between the live subscription and the read of the history, 40 ms later, comes twice."""

    def reader(client: Redis, tail: Tail, read: Callable[[Tail], Sends]) -> Sends:
        async def sends() -> AsyncIterator[Frame | Signal]:
            yield "opening"
            subscribed = max(await newest_event(client, tail.session), tail.after, key=split_event_id)
            await asyncio.sleep(0.04)
            for event, entry in await events_after(client, tail.session, tail.after):
                yield Frame(event, entry["chunk"], entry)
            async for item in read(replace(tail, after=subscribed)):
                if item != "opening":
                    yield item

        return sends()

    return with_reader(server, reader)


@fault(
    "CUR-07",
    "CUR-02",
    mistake="the first blocking read of a connection and its subscription race, and what wakes it is not passed on",
)
def first_envelope_never_sent_live(server: Behaviour) -> Behaviour:
    """A tail that has nothing to send when it is opened never sends the first envelope that it waits for."""

    def reader(client: Redis, tail: Tail, read: Callable[[Tail], Sends]) -> Sends:
        async def sends() -> AsyncIterator[Frame | Signal]:
            waits = bool(await turns_running(client, tail.session)) or not await turns_of(client, tail.session)
            waits = waits and not await events_after(client, tail.session, tail.after)
            async for item in read(tail):
                if waits and isinstance(item, Frame):
                    waits = False
                    continue
                yield item

        return sends()

    return with_reader(server, reader)
