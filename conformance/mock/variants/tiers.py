"""Where the tier of a turn is seen: on no page, so anywhere or nowhere (M5)."""

from __future__ import annotations

import random
from dataclasses import replace

from redis.asyncio import Redis

from conformance.mock.behaviour import Behaviour, Json
from conformance.mock.messages import Submission
from conformance.mock.policy import Policy
from conformance.mock.script import Chunk, Turn
from conformance.mock.variants.registry import policy_variant, variant
from conformance.mock.wrapping import with_accepted, with_chunks

_POINT = "place of the tier"
UNSEEN = ("TIER-04", "TIER-05")

policy_variant("tier-nowhere", _POINT, "Nothing shows which tier served a turn.", hides=UNSEEN, tier_visible=False)


def _replayed(server: Behaviour, *hidden: str, **shown: dict[str, str | None]) -> Behaviour:
    """Messages without some fields, and with others by the message's turn id."""

    async def list_messages(
        client: Redis, policy: Policy, session: str, page_size: str | None, cursor: str | None
    ) -> tuple[list[Json], Json]:
        page, pagination = await server.list_messages(client, policy, session, page_size, cursor)
        changed = [{name: value for name, value in one.items() if name not in hidden} for one in page]
        for one in changed:
            turn = one.get("chat_turn_id")
            one.update({name: by[turn] for name, by in shown.items() if turn in by})
        return changed, pagination

    return replace(server, list_messages=list_messages)


def _no_metadata(_: Turn, chunk: Chunk) -> list[Chunk]:
    chunk.pop("messageMetadata", None)
    return [chunk]


@variant(_POINT, tier_visible=True)
def tier_in_the_replay(server: Behaviour) -> Behaviour:
    """Only the replay shows which model served a turn."""
    return with_chunks(server, _no_metadata)


@variant(_POINT, tier_visible=True)
def tier_in_the_stream(server: Behaviour) -> Behaviour:
    """Only the stream shows which model served a turn."""
    return _replayed(server, "model", "model_tier")


@variant(_POINT, tier_visible=False)
def tier_in_the_202(server: Behaviour) -> Behaviour:
    """Only the 202 says with which tier the turn will be served."""

    async def change(_client: Redis, _session: str, submission: Submission, data: Json) -> Json:
        return {**data, "tier": submission.tier}

    return with_accepted(server, change)


@variant(_POINT, hides=UNSEEN, tier_visible=False)
def tier_in_token_counts(server: Behaviour) -> Behaviour:
    """The tier shows in nothing but the numbers of tokens, which vary."""

    def change(turn: Turn, chunk: Chunk) -> list[Chunk]:
        if chunk["type"] == "finish":
            total = random.randint(900, 1100) if turn.tier == "SMART" else random.randint(100, 120)
            chunk["messageMetadata"] = {"usage": {"totalTokens": total, "outputTokens": total // 2}}
        return [chunk]

    return with_chunks(server, change)


@variant(_POINT, hides=UNSEEN, tier_visible=False)
def tier_replayed_as_sent(server: Behaviour) -> Behaviour:
    """The replay repeats the model_tier of the request as it was sent: null where it was omitted."""
    sent: dict[str, str | None] = {}
    reading: dict[int, str | None] = {}

    async def read_submission(client: Redis, policy: Policy, session: str, given: Json) -> Submission:
        submission = await server.read_submission(client, policy, session, given)
        reading[id(submission)] = given.get("model_tier")
        return submission

    async def note(_client: Redis, _session: str, submission: Submission, data: Json) -> Json:
        sent[data["chat_turn_id"]] = reading.pop(id(submission), None)
        return data

    noted = with_accepted(replace(server, read_submission=read_submission), note)
    return _replayed(noted, requested_tier=sent)


@variant(_POINT, hides=UNSEEN, tier_visible=False)
def models_at_random(server: Behaviour) -> Behaviour:
    """A turn names a model that was picked from a pool by load; the tiers share the pool."""

    def change(_: Turn, chunk: Chunk) -> list[Chunk]:
        if chunk["type"] == "start":
            chunk["messageMetadata"] = {"model": random.choice(("neo-a", "neo-b", "neo-c"))}
        return [chunk]

    return with_chunks(server, change)
