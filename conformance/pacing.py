"""An httpx transport that keeps the target's pace: while a ``Retry-After`` runs, nothing is sent.

Sending again is not done here: the player does it, so that every attempt is recorded and a judge sees the first answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx

MAX_PAUSE = 120.0
"""Seconds. A target that asks for a longer pause is not waited for any longer: the next answer is then what it is."""
DEFAULT_PAUSE = 1.0
"""Seconds to wait after a 429 that does not say for how long."""

SENT_AT = "sent_at"
"""The request's extension that holds when it really left: a pause before it is not the target's time."""


class PacedTransport(httpx.AsyncBaseTransport):
    """Holds every request back until the pause that the last 429 asked for is over.

    The pause is shared: the limit counts per tenant, not per journey (contract G7). ``put_blob`` goes to another host
    and is held back too, which costs nothing but time.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, clock: Callable[[], float]) -> None:
        self._inner = inner
        self._clock = clock
        self._paused_until = 0.0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        while (pause := self._paused_until - self._clock()) > 0:
            await asyncio.sleep(pause)
        request.extensions[SENT_AT] = self._clock()
        response = await self._inner.handle_async_request(request)
        if response.status_code == 429 or (response.status_code == 503 and "retry-after" in response.headers):
            pause = seconds_to_wait(response.headers.get("retry-after"))
            self._paused_until = max(self._paused_until, self._clock() + pause)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


def seconds_to_wait(retry_after: str | None) -> float:
    """The pause that a ``Retry-After`` in seconds asks for, within bounds; ``DEFAULT_PAUSE`` where it says nothing."""
    text = (retry_after or "").strip()
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        return DEFAULT_PAUSE
    return min(max(float(text), 0.05), MAX_PAUSE)
