"""Questions about a session's stream that changes ask: what is newest, what lies behind an event, who runs."""

from __future__ import annotations

from typing import Any

from redis.asyncio import Redis

from conformance.mock.ids import FIRST_EVENT
from conformance.mock.notices import Entry
from conformance.mock.store import active_key, stream_key, text, turn_key, turns_key


async def events_after(client: Redis, session: str, after: str = FIRST_EVENT) -> list[Entry]:
    """All events strictly after that one, oldest first."""
    found: Any = await client.xrange(stream_key(session), f"({after}", "+")
    return [(text(event), entry) for event, entry in found]


async def newest_event(client: Redis, session: str, before_it: int = 0) -> str:
    """The newest event, or the one so many before it; ``0-0`` where there is none."""
    found: Any = await client.xrevrange(stream_key(session), count=before_it + 1)
    return text(found[-1][0]) if len(found) > before_it else FIRST_EVENT


async def turns_of(client: Redis, session: str) -> list[str]:
    """The ids of the session's turns, oldest first."""
    return [text(turn) for turn in await client.lrange(turns_key(session), 0, -1)]


async def turns_running(client: Redis, session: str) -> int:
    """How many turns of the session have not ended."""
    return int(await client.scard(active_key(session)))


async def tier_of(client: Redis, turn: str) -> str:
    """The tier that serves a turn; empty for a turn that is not known."""
    return str(await client.hget(turn_key(turn), "tier") or "")
