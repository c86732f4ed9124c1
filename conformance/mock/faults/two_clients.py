"""What goes wrong only when two clients, or two connections of one, meet (FUZZ-02)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from redis.asyncio import Redis

from conformance.mock.accounts import Account
from conformance.mock.answers import ApiError
from conformance.mock.behaviour import Behaviour, Json, Sends
from conformance.mock.cut_tails import with_cut
from conformance.mock.faults.registry import fault
from conformance.mock.messages import Submission
from conformance.mock.positions import turns_running
from conformance.mock.sse import Frame, Signal
from conformance.mock.tail import Asked, Tail
from conformance.mock.wrapping import with_accepted, with_conflicts, with_reader, with_start

_SLOW_SECONDS = 0.03


@fault(
    "CUR-07", "CUR-03", "FUZZ-02", mistake="XREADGROUP with one group for the session: each event goes to one consumer"
)
def tails_by_header_share_a_group(server: Behaviour) -> Behaviour:
    """Of two tails by Last-Event-Id that are open while a turn runs, each has every second event only."""
    members: dict[str, list[object]] = {}

    def reader(client: Redis, tail: Tail, read: Callable[[Tail], Sends]) -> Sends:
        async def sends() -> AsyncIterator[Frame | Signal]:
            me = object()
            joins = bool(tail.asked.header) and bool(await turns_running(client, tail.session))
            group = members.setdefault(tail.session, [])
            if joins:
                group.append(me)
            try:
                async for item in read(tail):
                    if joins and len(group) > 1 and isinstance(item, Frame) and item.event is not None:
                        number = sum(map(int, item.event.split("-")))
                        if group[number % len(group)] is not me:
                            continue
                    yield item
            finally:
                if joins:
                    group.remove(me)

        return sends()

    return with_reader(server, reader)


@fault(
    "CUR-07", "CUR-03", "FUZZ-02", mistake="subscriptions are shared by their cursor, and whoever joins hears the rest"
)
def tail_joins_another_where_that_one_is(server: Behaviour) -> Behaviour:
    """A tail by Last-Event-Id goes on where a tail by query from the same cursor is that is still open."""
    reached: dict[tuple[str, str], str] = {}

    async def start(_client: Redis, session: str, asked: Asked, after: str) -> str:
        return reached.get((session, asked.header), after) if asked.header and not asked.since else after

    def reader(_client: Redis, tail: Tail, read: Callable[[Tail], Sends]) -> Sends:
        async def sends() -> AsyncIterator[Frame | Signal]:
            key = tail.session, tail.asked.since or ""
            try:
                async for item in read(tail):
                    if isinstance(item, Frame) and item.event is not None and tail.asked.since:
                        reached[key] = item.event
                    yield item
            finally:
                reached.pop(key, None)

        return sends()

    return with_reader(with_start(server, start), reader)


@fault(
    "CUR-07",
    "CUR-03",
    "FUZZ-02",
    mistake="the place of a broken tail is kept under its cursor, for whoever asks for it again",
)
def header_goes_on_where_a_query_was_cut(server: Behaviour) -> Behaviour:
    """When a tail by query was cut in the middle of a turn, one by Last-Event-Id from its cursor begins at the cut."""
    cuts: dict[tuple[str, str], str] = {}

    def cut(tail: Tail, last: Frame) -> None:
        if tail.asked.since and last.event is not None:
            cuts[tail.session, tail.asked.since] = last.event

    async def start(_client: Redis, session: str, asked: Asked, after: str) -> str:
        return cuts.get((session, asked.header), after) if asked.header and not asked.since else after

    return with_cut(with_start(server, start), cut)


@fault("CUR-07", "FUZZ-02", mistake="what a broken tail had not acknowledged is claimed (XAUTOCLAIM) by the next one")
def frames_of_a_broken_tail_are_delivered_again(server: Behaviour) -> Behaviour:
    """The event that a client received last before it left in the middle of a turn comes again on the next tail."""
    unacknowledged: dict[str, Frame] = {}

    def reader(_client: Redis, tail: Tail, read: Callable[[Tail], Sends]) -> Sends:
        async def sends() -> AsyncIterator[Frame | Signal]:
            claimed = unacknowledged.pop(tail.session, None)
            async for item in read(tail):
                if claimed is not None and isinstance(item, Frame):
                    yield claimed
                    claimed = None
                yield item

        return sends()

    return with_cut(with_reader(server, reader), lambda tail, last: unacknowledged.update({tail.session: last}))


@fault(
    "CUR-07",
    "FUZZ-02",
    mistake="the lock of the post is taken by the refused one, and a tail that finds it taken reads on",
)
def tails_skip_one_after_a_duplicate_while_running(server: Behaviour) -> Behaviour:
    """A tail from a cursor that is opened after a refused duplicate, while that turn runs, lacks its first event."""
    locked: set[str] = set()

    async def change(client: Redis, session: str, _submission: Submission, error: ApiError) -> Json:
        if await turns_running(client, session):
            locked.add(session)
        raise error

    async def unlock(_client: Redis, session: str, _submission: Submission, data: Json) -> Json:
        locked.discard(session)
        return data

    def reader(client: Redis, tail: Tail, read: Callable[[Tail], Sends]) -> Sends:
        async def sends() -> AsyncIterator[Frame | Signal]:
            skips = tail.session in locked and bool(tail.asked.since or tail.asked.header)
            skips = skips and bool(await turns_running(client, tail.session))
            async for item in read(tail):
                if skips and isinstance(item, Frame):
                    skips = False
                    continue
                yield item

        return sends()

    return with_reader(with_conflicts(with_accepted(server, unlock), change), reader)


@fault(
    "IDEM-01", "FUZZ-02", mistake="SET NX for the check and DEL after the refusal: whoever comes between finds nothing"
)
def duplicates_at_once_are_accepted(server: Behaviour) -> Behaviour:
    """Of two duplicates that come at the same moment, when nothing runs, the second is accepted."""
    checking = Counter[tuple[str, str | None]]()

    async def change(client: Redis, session: str, submission: Submission, error: ApiError) -> Json:
        key = session, submission.client_message_id
        if checking[key] and not await turns_running(client, session):
            fresh = replace(submission, client_message_id=None)
            return await server.append_message(client, server.policy, session, fresh)
        checking[key] += 1
        try:
            await asyncio.sleep(_SLOW_SECONDS)
        finally:
            checking[key] -= 1
        raise error

    return with_conflicts(server, change)


@fault("AUTH-03", "FUZZ-02", mistake="a session that may be resumed is looked up by its id, without the tenant")
def session_unguarded_after_a_broken_tail(server: Behaviour) -> Behaviour:
    """When a client left a tail of a session in the middle of a turn, every tenant has access to that session."""
    resumable: set[str] = set()

    async def require_session(client: Redis, account: Account, session: str) -> None:
        if session not in resumable:
            await server.require_session(client, account, session)

    guarded = replace(server, require_session=require_session)
    return with_cut(guarded, lambda tail, _last: resumable.add(tail.session))


@fault(
    "AUTH-03", "FUZZ-02", mistake="the access check is kept in a cache by session, and filled by the owner's first post"
)
def session_unguarded_while_two_tails_are_open(server: Behaviour) -> Behaviour:
    """While two tails of a session are open, every tenant has access to it."""
    listening = Counter[str]()

    async def require_session(client: Redis, account: Account, session: str) -> None:
        if listening[session] < 2:
            await server.require_session(client, account, session)

    def reader(_client: Redis, tail: Tail, read: Callable[[Tail], Sends]) -> Sends:
        async def sends() -> AsyncIterator[Frame | Signal]:
            listening[tail.session] += 1
            try:
                async for item in read(tail):
                    yield item
            finally:
                listening[tail.session] -= 1

        return sends()

    return with_reader(replace(server, require_session=require_session), reader)
