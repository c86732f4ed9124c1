"""The rate limit: a sliding window per tenant, counted in the store (G7)."""

from __future__ import annotations

import math
import time
import uuid
from dataclasses import dataclass

from redis.asyncio import Redis

from conformance.mock.settings import RateLimit
from conformance.mock.store import rate_key


@dataclass(frozen=True)
class Window:
    """The state of a tenant's window just after a request was counted."""

    limit: int
    remaining: int
    reset: int
    """Unix time, in whole seconds, by which the oldest counted request has left the window."""
    retry_after: int | None
    """Whole seconds to wait; None when the request is within the limit."""

    def headers(self) -> list[tuple[bytes, bytes]]:
        """The three headers of every authenticated response."""
        return [
            (b"x-ratelimit-limit", str(self.limit).encode()),
            (b"x-ratelimit-remaining", str(self.remaining).encode()),
            (b"x-ratelimit-reset", str(self.reset).encode()),
        ]


async def count_request(client: Redis, rate: RateLimit, tenant: str) -> Window:
    """Count one request of the tenant; a refused one does not fill the window further."""
    key = rate_key(tenant)
    now = time.time()
    member = uuid.uuid4().hex
    async with client.pipeline(transaction=True) as pipe:
        pipe.zremrangebyscore(key, "-inf", now - rate.seconds)
        pipe.zadd(key, {member: now})
        pipe.zcard(key)
        pipe.zrange(key, 0, 0, withscores=True)
        pipe.expire(key, math.ceil(rate.seconds) + 1)
        _, _, counted, oldest, _ = await pipe.execute()
    free = (float(oldest[0][1]) if oldest else now) + rate.seconds
    if counted <= rate.requests:
        return Window(rate.requests, rate.requests - counted, math.ceil(free), None)
    await client.zrem(key, member)
    return Window(rate.requests, 0, math.ceil(free), max(1, math.ceil(free - now)))


def uncounted(rate: RateLimit) -> Window:
    """The window of a request that could not be counted because the store is away: it counts against nobody."""
    return Window(rate.requests, rate.requests, math.ceil(time.time() + rate.seconds), None)
