"""What goes wrong only in a certain order of steps: state that one request leaves behind, and a later one meets (FUZZ-02)."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from redis.asyncio import Redis

from conformance.mock.answers import ApiError
from conformance.mock.behaviour import Behaviour, Json, Sends
from conformance.mock.cut_tails import with_cut
from conformance.mock.faults.registry import fault
from conformance.mock.ids import FIRST_EVENT
from conformance.mock.messages import Submission
from conformance.mock.policy import Policy
from conformance.mock.positions import newest_event, turns_of, turns_running
from conformance.mock.sse import Frame, Signal
from conformance.mock.store import PREFIX
from conformance.mock.tail import Asked, Tail
from conformance.mock.wrapping import (
    store_alone,
    with_accepted,
    with_conflicts,
    with_given,
    with_reader,
    with_start,
)

_TOGETHER_SECONDS = 0.1
"""Posts within this time count as sent at the same moment."""


def _with_pinned(server: Behaviour, pinned: dict[str, str]) -> Behaviour:
    """The next message of a session in ``pinned`` is given that cursor."""

    async def change(_client: Redis, session: str, _submission: Submission, data: Json) -> Json:
        return {**data, "since_cursor": pinned.pop(session)} if session in pinned else data

    return with_accepted(server, change)


def _with_forgotten(server: Behaviour, forgotten: set[str]) -> Behaviour:
    """Of the sessions in ``forgotten`` no client_message_id is known any more when the next message comes."""

    async def append_message(client: Redis, policy: Policy, session: str, submission: Submission) -> Json:
        if session in forgotten:
            forgotten.discard(session)
            for key in await client.keys(f"{PREFIX}sent:{session}:*"):
                await client.delete(key)
        return await server.append_message(client, policy, session, submission)

    return replace(server, append_message=append_message)


@fault(
    "CUR-01", "FUZZ-02", mistake="the 409's transaction has read the stream's head, which is cached for the next post"
)
def cursor_pinned_by_a_refused_duplicate(server: Behaviour) -> Behaviour:
    """When a duplicate was refused while its turn ran, the next message's cursor is the place of that moment."""
    pinned: dict[str, str] = {}

    async def change(client: Redis, session: str, _submission: Submission, error: ApiError) -> Json:
        if await turns_running(client, session):
            pinned[session] = await newest_event(client, session)
        raise error

    return with_conflicts(_with_pinned(server, pinned), change)


@fault("CUR-01", "FUZZ-02", mistake="the replay notes how far the stream is, for an ETag, and the post takes that note")
def cursor_pinned_by_a_replay_while_running(server: Behaviour) -> Behaviour:
    """When the messages were listed while a turn ran, the next message's cursor is the place of that moment."""
    pinned: dict[str, str] = {}

    async def list_messages(
        client: Redis, policy: Policy, session: str, page_size: str | None, cursor: str | None
    ) -> tuple[list[Json], Json]:
        if await turns_running(client, session):
            pinned[session] = await newest_event(client, session)
        return await server.list_messages(client, policy, session, page_size, cursor)

    return replace(_with_pinned(server, pinned), list_messages=list_messages)


@fault("CUR-01", "FUZZ-02", mistake="the snapshot of the first queued message is kept until the queue was empty once")
def cursor_of_before_a_race(server: Behaviour) -> Behaviour:
    """The first message after two that ran or waited together is given the cursor of one of those."""
    pinned: dict[str, str] = {}

    async def change(client: Redis, session: str, _submission: Submission, data: Json) -> Json:
        if await turns_running(client, session) >= 2:
            pinned.setdefault(session, data["since_cursor"] or FIRST_EVENT)
        elif session in pinned:
            return {**data, "since_cursor": pinned.pop(session)}
        return data

    return with_accepted(server, change)


@fault("CUR-01", "FUZZ-02", mistake="whoever loses the race for an id puts back the snapshot that it had taken")
def cursor_of_the_turn_whose_duplicate_lost(server: Behaviour) -> Behaviour:
    """When two messages with one id came at the same moment, the next message is given the cursor of the one accepted."""
    accepted: dict[str, tuple[float, str]] = {}
    pinned: dict[str, str] = {}

    async def note(_client: Redis, session: str, _submission: Submission, data: Json) -> Json:
        accepted[session] = time.monotonic(), data["since_cursor"] or FIRST_EVENT
        return data

    async def change(_client: Redis, session: str, _submission: Submission, error: ApiError) -> Json:
        at, cursor = accepted.get(session, (0.0, FIRST_EVENT))
        if time.monotonic() - at < _TOGETHER_SECONDS / 2:
            pinned[session] = cursor
        raise error

    return with_conflicts(_with_pinned(with_accepted(server, note), pinned), change)


@fault("IDEM-01", "FUZZ-02", mistake="a disconnect runs the clean-up of the whole session, and not that of the tail")
def ids_forgotten_after_a_broken_tail(server: Behaviour) -> Behaviour:
    """When a client left a tail in the middle of a turn, the session's client_message_ids are not known any more."""
    forgotten: set[str] = set()
    return with_cut(_with_forgotten(server, forgotten), lambda tail, _last: forgotten.add(tail.session))


@fault("IDEM-01", "FUZZ-02", mistake="null is taken for an id: SADD fails with it, and the set is made anew")
def ids_forgotten_after_a_null_id(server: Behaviour) -> Behaviour:
    """A message whose client_message_id is null makes the session forget the ids before it."""
    forgotten: set[str] = set()

    def check(session: str, given: Json) -> None:
        if "client_message_id" in given and given["client_message_id"] is None:
            forgotten.add(session)

    return with_given(_with_forgotten(server, forgotten), check)


@fault("IDEM-01", "FUZZ-02", mistake="the queue's entry of the waiting message takes the place of the session's ids")
def ids_forgotten_after_a_queued_message(server: Behaviour) -> Behaviour:
    """A message that was accepted while another one's turn ran makes the session forget the ids before it."""
    forgotten: set[str] = set()

    async def change(client: Redis, session: str, _submission: Submission, data: Json) -> Json:
        if await turns_running(client, session) >= 2:
            forgotten.add(session)
        return data

    return with_accepted(_with_forgotten(server, forgotten), change)


@fault(
    "CUR-07", "FUZZ-02", mistake="the 409 leaves the pooled connection with one reply unread, which the next tail reads"
)
def reconnect_behind_a_refused_duplicate_skips_one(server: Behaviour) -> Behaviour:
    """The first tail from a cursor that is opened after a refused duplicate, when nothing runs, lacks its first event."""
    unread: set[str] = set()

    async def change(client: Redis, session: str, _submission: Submission, error: ApiError) -> Json:
        if not await turns_running(client, session):
            unread.add(session)
        raise error

    async def note(_client: Redis, session: str, _submission: Submission, data: Json) -> Json:
        unread.discard(session)
        return data

    def reader(_client: Redis, tail: Tail, read: Callable[[Tail], Sends]) -> Sends:
        async def sends() -> AsyncIterator[Frame | Signal]:
            skips = tail.session in unread and bool(tail.asked.since or tail.asked.header)
            async for item in read(tail):
                if skips and isinstance(item, Frame):
                    unread.discard(tail.session)
                    skips = False
                    continue
                yield item

        return sends()

    return with_reader(with_conflicts(with_accepted(server, note), change), reader)


@fault("IDEM-03", "FUZZ-02", mistake="the refused row stays in the unit of work, and goes in with the next commit")
def refused_duplicate_is_stored_with_the_next_message(server: Behaviour) -> Behaviour:
    """A duplicate with another text is refused, and is stored beside the next message that is accepted."""
    pending: dict[str, Submission] = {}

    async def change(_client: Redis, session: str, submission: Submission, error: ApiError) -> Json:
        pending[session] = submission
        raise error

    async def commit(client: Redis, session: str, _submission: Submission, data: Json) -> Json:
        if session in pending:
            await store_alone(client, session, pending.pop(session))
        return data

    return with_conflicts(with_accepted(server, commit), change)


@fault(
    "CUR-07", "CUR-03", "FUZZ-02", mistake="'no cursor' is kept for the session, and outlives the tail it was meant for"
)
def uncursored_tail_resets_the_next_header(server: Behaviour) -> Behaviour:
    """After a tail without a cursor on a later turn, the next one by Last-Event-Id begins at the session's beginning."""
    reset: set[str] = set()

    async def start(client: Redis, session: str, asked: Asked, after: str) -> str:
        if not asked.since and not asked.header and len(await turns_of(client, session)) > 1:
            reset.add(session)
        elif asked.header and not asked.since and session in reset:
            reset.discard(session)
            return FIRST_EVENT
        return after

    return with_start(server, start)
