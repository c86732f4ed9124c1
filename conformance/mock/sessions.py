"""The session resource: creating one, and finding one that is the caller's."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any, Final

from redis.asyncio import Redis

from conformance.mock.accounts import Account
from conformance.mock.answers import ApiError, no_such_session
from conformance.mock.fields import Fields
from conformance.mock.ids import could_be_id, new_id
from conformance.mock.policy import Policy
from conformance.mock.settings import RETENTION_SECONDS
from conformance.mock.store import session_key

MANAGED_AGENT_KEYS: Final = ("NEO_SUPPORT",)
_MAX_AGENT_ID: Final = 2**31 - 1


def timestamp() -> str:
    """Now, in UTC, as ISO 8601 with milliseconds."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def create_session(client: Redis, policy: Policy, account: Account, given: dict[str, Any]) -> dict[str, Any]:
    """Create a session and return its resource (SES-01 to SES-03).

    :raises ApiError: the invalid status unless exactly one of ``agent_id`` and ``managed_agent_key`` is given, or for a
        managed key that is not known; 403 for a ``client_id`` from an account that is no platform; 404 for an agent id
        that no agent can have.
    """
    fields = Fields(given, policy.invalid_status)
    agent = fields.integer_or_null("agent_id")
    managed = fields.text_or_null("managed_agent_key")
    title = fields.text_or_null("title")
    client_id = fields.opaque_or_null("client_id")
    fields.opaque_or_null("inbound_tenant_id")
    # bot_id is ignored, whatever it is: it is on the page as such.
    if fields.present("agent_id") == fields.present("managed_agent_key"):
        fields.wrong("agent_id", "exactly one of agent_id and managed_agent_key has to be given")
    if managed is not None and managed not in MANAGED_AGENT_KEYS:
        fields.wrong("managed_agent_key", "is not a known key")
    fields.refuse_if_wrong()
    if client_id is not None and not account.platform:
        raise ApiError(403, "FORBIDDEN", "Only a platform account may set client_id.")
    if agent is not None and not 1 <= agent <= _MAX_AGENT_ID:
        raise ApiError(404, "NOT_FOUND", "Agent not found.")

    session = await new_id(client, policy, "session")
    now = timestamp()
    resource: dict[str, Any] = {
        "id": session,
        "agent_id": agent if agent is not None else policy.managed_agent_id,
        "archived_at": None,
        "channel": "public_api",
        "client_id": client_id,
        "created_at": now,
        "title": title,
        "updated_at": now,
        "show_agent_progress_steps": False,
    }
    key = session_key(session)
    async with client.pipeline(transaction=True) as pipe:
        pipe.hset(key, mapping={"tenant": account.tenant, "resource": json.dumps(resource)})
        pipe.expire(key, RETENTION_SECONDS)
        await pipe.execute()
    return resource


async def require_session(client: Redis, account: Account, session: str) -> None:
    """:raises ApiError: 404, the same one, when there is no such session and when it is another tenant's (AUTH-03)."""
    if not could_be_id(session) or await client.hget(session_key(session), "tenant") != account.tenant:
        raise no_such_session()
