"""Where a tail begins, and the cursor that a 202 gives (CUR)."""

from __future__ import annotations

from redis.asyncio import Redis

from conformance.mock.behaviour import Behaviour
from conformance.mock.faults.registry import fault
from conformance.mock.ids import just_before
from conformance.mock.tail import Asked
from conformance.mock.wrapping import with_start


@fault("CUR-01", "CUR-07", mistake="XRANGE from the cursor itself, where it has to be from '(' and the cursor")
def inclusive_cursor(server: Behaviour) -> Behaviour:
    """A tail begins with the event whose id was given."""

    async def start(_client: Redis, _session: str, asked: Asked, after: str) -> str:
        return just_before(after) if asked.since or asked.header else after

    return with_start(server, start)
