"""A title that is made of the first message, where that has no text (ATT-05)."""

from __future__ import annotations

import json
from dataclasses import replace

from redis.asyncio import Redis

from conformance.mock.answers import ApiError
from conformance.mock.behaviour import Behaviour, Json
from conformance.mock.faults.registry import fault
from conformance.mock.messages import Submission
from conformance.mock.policy import Policy
from conformance.mock.store import messages_key, session_key


async def _to_be_titled(client: Redis, session: str) -> bool:
    """Whether the session has neither a title nor a message."""
    resource = json.loads(await client.hget(session_key(session), "resource") or "{}")
    return resource.get("title") is None and not await client.llen(messages_key(session))


@fault("ATT-05", mistake="title = message.split()[0], before anything was stored")
def title_of_an_empty_message_crashes(server: Behaviour) -> Behaviour:
    """The first message of a session without a title is answered 500 where it has no text."""

    async def append(client: Redis, policy: Policy, session: str, submission: Submission) -> Json:
        if not submission.message and await _to_be_titled(client, session):
            raise ApiError(500, "INTERNAL_ERROR", "Something went wrong.")
        return await server.append_message(client, policy, session, submission)

    return replace(server, append_message=append)


@fault("ATT-05", mistake="a title has a minimum length of 1, and is made of the first message")
def title_of_an_empty_message_refused(server: Behaviour) -> Behaviour:
    """The first message of a session without a title is bad input where it has no text."""

    async def append(client: Redis, policy: Policy, session: str, submission: Submission) -> Json:
        if not submission.message and await _to_be_titled(client, session):
            raise ApiError(policy.invalid_status, "validation_error", "title: has to have at least 1 character.")
        return await server.append_message(client, policy, session, submission)

    return replace(server, append_message=append)
