"""The tail of a session: where it begins, and the frames it sends."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from conformance.mock.answers import ApiError
from conformance.mock.ids import FIRST_EVENT, just_before, read_event_id, show_event_id
from conformance.mock.listening import Listener
from conformance.mock.notices import Entry
from conformance.mock.policy import Policy
from conformance.mock.settings import STREAM_LENGTH, TAIL_SECONDS
from conformance.mock.sse import Frame, Signal
from conformance.mock.store import active_key, stream_key, text, turns_key

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Asked:
    """The cursors of a request for a tail: the query's ``since`` and the value of ``Last-Event-Id``.

    An empty one counts as none.
    """

    since: str | None
    header: str | None


@dataclass(frozen=True)
class Tail:
    """One tail: the session, what was asked for, the stream id after which it begins, and who tells it of new events."""

    session: str
    asked: Asked
    after: str
    listener: Listener = field(compare=False, repr=False)


async def tail_from(client: Redis, policy: Policy, session: str, asked: Asked) -> str:
    """The stream id after which the tail begins (E2, E4, E6).

    :raises ApiError: the invalid status for a cursor that the policy refuses.
    """
    given = (asked.header or asked.since) if policy.both_cursors == "header" else (asked.since or asked.header)
    if given:
        event = read_event_id(policy, given)
        if event is None:
            return await _of_malformed(client, policy, session)
        if (
            policy.unknown_cursor != "serve"
            and event != FIRST_EVENT
            and not await client.xrange(stream_key(session), event, event, count=1)
        ):
            if policy.unknown_cursor == "beginning":
                return FIRST_EVENT
            raise _refused(policy.invalid_status)
        return event
    return await _past_to_show(client, policy, session)


def _refused(status: int) -> ApiError:
    return ApiError(status, "INVALID_CURSOR", "The cursor is not an event id of this session.")


async def _of_malformed(client: Redis, policy: Policy, session: str) -> str:
    if policy.malformed_cursor == "beginning":
        return FIRST_EVENT
    if policy.malformed_cursor == "now":
        newest: Any = await client.xrevrange(stream_key(session), count=1)
        return text(newest[0][0]) if newest else FIRST_EVENT
    raise _refused(404 if policy.malformed_cursor == "not-found" else policy.invalid_status)


async def _past_to_show(client: Redis, policy: Policy, session: str) -> str:
    """Where a tail without a cursor begins: at the start, but on a later turn at the final state of the one before."""
    newest = await client.lrange(turns_key(session), -2, -1)
    if len(newest) < 2 or policy.uncursored == "beginning":
        return FIRST_EVENT
    latest = text(newest[-1])
    entries: Any = await client.xrevrange(stream_key(session), count=STREAM_LENGTH)
    ended = next((at["turn"] for _, at in entries if at["final"] == "1" and at["turn"] != latest), None)
    if ended is None:
        return FIRST_EVENT
    # Turns may run side by side: nothing of the latest one may be left out, even if it began before that end.
    shown = [
        text(event)
        for event, at in entries
        if at["turn"] == latest
        or (at["turn"] == ended and (at["final"] == "1" or policy.uncursored == "previous-turn"))
    ]
    return just_before(shown[-1])


async def frames(client: Redis, policy: Policy, tail: Tail, stopping: asyncio.Event) -> AsyncIterator[Frame | Signal]:
    """What the tail sends, each envelope as soon as it is in the stream (E1, EVT-07).

    It ends at the bound on a tail's life, when the server stops, when the store goes away, and, under the policy
    "close", after the terminal envelope of the last turn there is. The client ends it in all other cases.
    """
    listener, session = tail.listener, tail.session
    yield "opening"
    ends = time.monotonic() + TAIL_SECONDS
    quiet = policy.heartbeat_seconds or TAIL_SECONDS
    place = listener.enter(session, tail.after)
    try:
        while not stopping.is_set() and (left := ends - time.monotonic()) > 0:
            entries = await place.more(min(quiet, left))
            for event, at in entries:
                yield Frame(show_event_id(policy, event), at["chunk"], at)
                if at["last"] == "1" and policy.done:
                    yield "done"
            if not entries:
                if policy.heartbeat_seconds and not stopping.is_set():
                    yield "heartbeat"
            elif policy.after_terminal == "close" and await _ended(client, session, entries[-1]):
                return
    except RedisError:
        logger.warning("the store failed during a tail; the tail ends")
    finally:
        listener.leave(session, place)


async def _ended(client: Redis, session: str, newest: Entry) -> bool:
    """Whether that was the end of the last turn there is."""
    return newest[1]["last"] == "1" and await client.scard(active_key(session)) == 0
