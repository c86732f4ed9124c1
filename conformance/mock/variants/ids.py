"""Ids of resources and of events: opaque, so of any form (G9, M6, E5)."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any

from redis.asyncio import Redis

from conformance.mock.answering import with_bodies
from conformance.mock.behaviour import Behaviour, Json
from conformance.mock.layers import Answer, Asking, Proceed, around
from conformance.mock.messages import Submission
from conformance.mock.variants.registry import policy_variant, variant
from conformance.mock.wrapping import with_accepted

policy_variant("ids-prefixed", "form of ids", "Ids have a prefix: chs_, wf_, msg_.", id_form="prefixed")
policy_variant("ids-integer", "form of ids", "Ids are counters, as strings.", id_form="integer")
policy_variant("ids-long", "form of ids", "Ids are opaque words of 160 characters.", id_form="long")
policy_variant(
    "ids-punctuated", "form of ids", "Ids have the signs . + ~ and = in them, also in the path.", id_form="punctuated"
)


@variant("form of ids", id_form="integer")
def session_id_number(server: Behaviour) -> Behaviour:
    """A session's id is a JSON number; no page says that it is a string."""

    def change(_: Asking, body: Any) -> None:
        body["data"]["id"] = int(body["data"]["id"])

    return with_bodies(server, change, "create")


policy_variant(
    "event-ids-opaque",
    "E5 form of event ids",
    "Event ids are words that say nothing to a client.",
    event_id_form="opaque",
)
policy_variant(
    "event-ids-numbers", "E5 form of event ids", "Event ids are single numbers of 20 digits.", event_id_form="number"
)
policy_variant(
    "event-ids-base64",
    "E5 form of event ids",
    "Event ids have the signs + / and = in them, which a query has to escape.",
    event_id_form="base64",
)


@variant("ids of a 202")
def turn_named_by_its_message(server: Behaviour) -> Behaviour:
    """The chat_turn_id of a 202 is its user_message_id: each is another one in every turn."""

    async def change(_client: Redis, _session: str, _submission: Submission, data: Json) -> Json:
        return {**data, "chat_turn_id": data["user_message_id"]}

    return with_accepted(server, change)


@variant("form of ids")
def message_ids_within_a_session(server: Behaviour) -> Behaviour:
    """The messages of each session are counted from 1: an id says which message of the session it is."""
    known: dict[str, dict[bytes, bytes]] = {}
    waiting: Counter[str] = Counter()

    async def change(asking: Asking, proceed: Proceed) -> Answer | None:
        if asking.operation not in ("append", "replay"):
            return await proceed(asking)
        waiting[asking.session] += 1
        try:
            answer = await proceed(asking)
        finally:
            waiting[asking.session] -= 1
        if answer is None:
            return None
        numbers = known.setdefault(asking.session, {})
        if answer.status == 202:
            numbers.setdefault(answer.json["data"]["user_message_id"].encode(), str(len(numbers) + 1).encode())
        elif answer.status == 409:
            # The loser of a race may be here before the winner, whose message has no number yet.
            await _none_left(waiting, asking.session)
        body = answer.body
        for ident, number in numbers.items():
            body = body.replace(ident, number)
        return replace(answer, body=body)

    return server.with_layer(around(change), "names")


async def _none_left(waiting: Counter[str], session: str) -> None:
    """Until no request of that session is being answered, or two seconds have passed."""
    for _ in range(200):
        if not waiting[session]:
            return
        await asyncio.sleep(0.01)
