"""Cursors: the first one, none, and those that are no event of the session (M7, E4, E6)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from redis.asyncio import Redis

from conformance.mock.accounts import Account
from conformance.mock.answers import ApiError, encode
from conformance.mock.behaviour import Behaviour, Json, Sends
from conformance.mock.messages import Submission
from conformance.mock.policy import Policy
from conformance.mock.sse import Frame, Signal
from conformance.mock.store import active_key, stream_key, text
from conformance.mock.tail import Asked, Tail
from conformance.mock.variants.registry import policy_variant, variant
from conformance.mock.wrapping import with_accepted, with_asked, with_flow

policy_variant("first-cursor-zero", "M7", "The first cursor of a session is 0-0.", first_cursor="0-0")


@variant("M7", first_cursor="null")
def first_cursor_of_an_event(server: Behaviour) -> Behaviour:
    """A session's stream begins with a data part of its own, so the first cursor is an id."""

    async def create_session(client: Redis, policy: Policy, account: Account, given: Json) -> Json:
        resource = await server.create_session(client, policy, account, given)
        chunk = {"type": "data-session", "data": {"channel": resource["channel"]}}
        await client.xadd(
            stream_key(resource["id"]), {"chunk": encode(chunk).decode(), "turn": "", "final": 0, "last": 0}
        )
        return resource

    return replace(server, create_session=create_session)


policy_variant(
    "uncursored-previous-turn",
    "E4",
    "Without a cursor a later turn's tail begins with the whole turn before.",
    uncursored="previous-turn",
)
policy_variant(
    "uncursored-beginning", "E4", "Without a cursor every tail begins with the session.", uncursored="beginning"
)

_MALFORMED = "E6 malformed cursor"
policy_variant("malformed-not-found", _MALFORMED, "A malformed cursor is answered 404.", malformed_cursor="not-found")
policy_variant(
    "malformed-as-beginning", _MALFORMED, "A malformed cursor is the beginning.", malformed_cursor="beginning"
)
policy_variant("malformed-as-now", _MALFORMED, "A malformed cursor is the present.", malformed_cursor="now")

_UNKNOWN = "E6 unknown cursor"
policy_variant(
    "unknown-refused", _UNKNOWN, "A cursor that is no event of the session is refused.", unknown_cursor="refuse"
)
policy_variant(
    "unknown-as-beginning", _UNKNOWN, "A cursor that is no event is the beginning.", unknown_cursor="beginning"
)

policy_variant("both-query", "E6 both cursors", "Of two cursors the query's counts.", both_cursors="query")


@variant("E6 both cursors")
def both_refused(server: Behaviour) -> Behaviour:
    """Two cursors that differ are bad input."""

    async def asked_for(_client: Redis, _session: str, asked: Asked) -> Asked:
        if asked.since and asked.header and asked.since != asked.header:
            raise ApiError(server.policy.invalid_status, "INVALID_CURSOR", "Give one cursor, not two.")
        return asked

    return with_asked(server, asked_for)


@variant("E6 empty cursor")
def empty_cursor_refused(server: Behaviour) -> Behaviour:
    """A cursor that is an empty text is malformed, and bad input."""

    async def asked_for(_client: Redis, _session: str, asked: Asked) -> Asked:
        if "" in (asked.since, asked.header):
            raise ApiError(server.policy.invalid_status, "INVALID_CURSOR", "The cursor is empty.")
        return asked

    return with_asked(server, asked_for)


@variant("E6 retention")
def short_retention(server: Behaviour) -> Behaviour:
    """When a turn is enqueued, what lies before the final state of the turn before is dropped."""

    async def trimmed(client: Redis, session: str, _submission: Submission, data: Json) -> Json:
        running = await client.smembers(active_key(session))
        entries: Any = await client.xrevrange(stream_key(session))
        kept: list[str] = []
        ended: str | None = None
        for event, at in entries:
            if at["turn"] not in running:
                if at["final"] == "1":
                    ended = ended or at["turn"]
                if at["turn"] != ended or at["final"] != "1":
                    continue
            kept.append(text(event))
        if kept:
            await client.xtrim(stream_key(session), minid=kept[-1], approximate=False)
        return data

    return with_accepted(server, trimmed)


@variant("E4", uncursored="final-state")
def uncursored_final_state_alone(server: Behaviour) -> Behaviour:
    """Without a cursor a later turn's tail is the final state of the turn before, and then it is closed."""

    def flow(tail: Tail, sends: Sends) -> Sends:
        async def ended() -> AsyncIterator[Frame | Signal]:
            frames = 0
            past = False
            async for item in sends:
                yield item
                if not isinstance(item, Frame):
                    continue
                frames += 1
                past = past or (frames == 1 and item.entry["final"] == "1")
                if past and item.entry["last"] == "1":
                    return

        return sends if tail.asked.since or tail.asked.header else ended()

    return with_flow(server, flow)
