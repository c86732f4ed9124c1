"""`POST /chat/sessions`."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from .answers import Refusal, missing, read_object
from .eventlog import EventLog
from .house import HOUSE, Session, call_of, timestamp

# The agents of this vendor's catalogue; any other number names nothing.
AGENTS = {4711: "Order desk", 4712: "Night shift"}
MANAGED = {"NEO_SUPPORT": 9001}


async def create(request: web.Request) -> web.Response:
    """Opens a conversation with one agent."""
    house, call = request.app[HOUSE], call_of(request)
    body = await read_object(request)
    agent, title = _agent(body, house.manners.invalid), body.get("title")
    if title is not None and not isinstance(title, str):
        raise Refusal(house.manners.invalid, "validation_error", "title must be text.", {"field": "title"})
    if body.get("client_id") is not None:
        raise Refusal(403, "FORBIDDEN", "Only a platform account may name a client.")
    now = timestamp()
    resource: dict[str, Any] = {
        "id": house.names.new("chs"),
        "agent_id": agent,
        "title": title,
        "channel": "public_api",
        "client_id": None,
        "created_at": now,
        "updated_at": now,
        "archived_at": None,
    }
    if house.manners.progress_flag:
        resource["show_agent_progress_steps"] = False
    session = Session(resource["id"], call.tenant, resource, EventLog(house.manners.opaque_cursors))
    house.sessions[session.id] = session
    return call.clerk.success(house.manners.created, resource)


def _agent(body: dict[str, Any], invalid: int) -> int:
    number, key = body.get("agent_id"), body.get("managed_agent_key")
    if (number is None) == (key is None):
        raise Refusal(invalid, "validation_error", "Give exactly one of agent_id and managed_agent_key.")
    if key is not None:
        if not isinstance(key, str) or key not in MANAGED:
            raise Refusal(invalid, "validation_error", "managed_agent_key is unknown.", {"field": "managed_agent_key"})
        return MANAGED[key]
    # In Python a boolean is an integer; in JSON it is not.
    if not isinstance(number, int) or isinstance(number, bool):
        raise Refusal(invalid, "validation_error", "agent_id must be an integer.", {"field": "agent_id"})
    if number not in AGENTS:
        raise missing("agent")
    return number
