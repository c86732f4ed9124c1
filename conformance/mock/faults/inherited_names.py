"""A lookup in an object of JavaScript, which has more names than its author gave it (TIER-02, UPL-03)."""

from __future__ import annotations

from dataclasses import replace

from redis.asyncio import Redis

from conformance.mock.behaviour import Behaviour, Json
from conformance.mock.faults.registry import fault
from conformance.mock.messages import Submission
from conformance.mock.policy import Policy

_INHERITED = ("constructor", "toString", "valueOf", "hasOwnProperty")


@fault("TIER-02", mistake="`if (MODELS[tier])`, where MODELS is a plain object")
def inherited_name_as_a_tier(server: Behaviour) -> Behaviour:
    """A name that every object of JavaScript inherits is accepted as a tier."""

    async def read(client: Redis, policy: Policy, session: str, given: Json) -> Submission:
        if given.get("model_tier") in _INHERITED:
            given = {**given, "model_tier": "FAST"}
        return await server.read_submission(client, policy, session, given)

    return replace(server, read_submission=read)


@fault("UPL-03", mistake="`content_type in EXTENSIONS`, where EXTENSIONS is a plain object")
def inherited_name_as_a_type(server: Behaviour) -> Behaviour:
    """A name that every object of JavaScript inherits is granted as a content type."""

    async def grant(client: Redis, policy: Policy, session: str, given: Json, origin: str) -> Json:
        if given.get("content_type") in _INHERITED:
            granted = await server.grant_upload(client, policy, session, {**given, "content_type": "image/png"}, origin)
            return {**granted, "mime": given["content_type"]}
        return await server.grant_upload(client, policy, session, given, origin)

    return replace(server, grant_upload=grant)
