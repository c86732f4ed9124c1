"""A message that is posted while a turn runs in any session of the tenant (M10)."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from redis.asyncio import Redis

from conformance.mock.answers import ApiError
from conformance.mock.behaviour import Behaviour, Json
from conformance.mock.messages import Submission
from conformance.mock.policy import Policy
from conformance.mock.store import active_key, session_key
from conformance.mock.variants.registry import variant


@variant("M10", hides=("CUR-11", "IDEM-02", "IDEM-05"), concurrency="refuse")
def one_turn_of_a_tenant(server: Behaviour) -> Behaviour:
    """While a turn of any session of the tenant runs, a message is refused with 409, also a duplicate, and without an id."""
    sessions: dict[object, set[str]] = {}
    one_at_a_time = asyncio.Lock()

    async def append_message(client: Redis, policy: Policy, session: str, submission: Submission) -> Json:
        tenant = await client.hget(session_key(session), "tenant")
        known = sessions.setdefault(tenant, set())
        async with one_at_a_time:
            for one in [*known]:
                if await client.scard(active_key(one)):
                    raise ApiError(409, "TENANT_BUSY", "A turn of this tenant is still running.")
            known.add(session)
            return await server.append_message(client, policy, session, submission)

    return replace(server, append_message=append_message)
