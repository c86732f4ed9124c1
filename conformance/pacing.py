"""An httpx transport that keeps the target's pace: while a ``Retry-After`` runs, nothing is sent.

Sending again is not done here: the player does it, so that every attempt is recorded and a judge sees the first answer.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime

import httpx

MAX_PAUSE = 120.0
"""Seconds. A target that asks for a longer pause is not waited for any longer: the next answer is then what it is."""
DEFAULT_PAUSE = 1.0
"""Seconds to wait after a 429 that does not say for how long."""
WINDOW = 60.0
"""Seconds: the window of the limit (contract G7). Nobody need wait longer for it to give something."""
METERED_MOST = 180.0
"""Seconds that a run waits in all because ``X-RateLimit-Remaining`` says 0: a target may say so all the time."""

SENT_AT = "sent_at"
"""The request's extension that holds when it really left: a pause before it is not the target's time."""


class Pace:
    """What is known of the target's limit: shared by all who send to it with the keys of one tenant (contract G7).

    ``clock`` gives seconds. Up to the first 429 requests leave freely: without one RATE-02 cannot be observed. From then
    on the budget that the answers tell is shared out: no more requests are under way than it has room for.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._free_from = 0.0
        self._metered = False
        self._left: int | None = None
        self._reset_in = WINDOW
        self._waited = 0.0
        self._out = 0
        self._heard_at = 0.0

    def wait(self) -> float:
        """Seconds until the next request may leave; 0: now. It may have to be asked again then."""
        pause = self._free_from - self._clock()
        if pause > 0:
            return pause
        if self._metered and self._left is not None and self._left <= 0 and self._waited < METERED_MOST:
            if self._out and self._clock() - self._heard_at < _NEWS_WITHIN:
                return _STEP  # an answer on its way may tell more; a tail's may take as long as its turn
            pause = min(max(self._reset_in, _STEP), WINDOW, METERED_MOST - self._waited)
            self._waited += pause
            self._free_from = self._clock() + pause
            # One goes first, and brings news of the rest.
            self._left = 1
            return pause
        return 0.0

    def left(self) -> None:
        """A request has left."""
        self._out += 1
        if self._left is not None:
            self._left -= 1

    def answered(self, status: int, headers: Mapping[str, str]) -> None:
        """Its answer's headers are here."""
        self._out = max(0, self._out - 1)
        self._heard_at = self._clock()
        remaining = _whole(headers.get("x-ratelimit-remaining"))
        if remaining is not None:
            self._left = max(0, remaining - self._out)
            self._reset_in = _until(headers)
        if status == 429 or (status == 503 and "retry-after" in headers):
            pause = seconds_to_wait(headers.get("retry-after"))
            self._free_from = max(self._free_from, self._clock() + pause)
            if status == 429:
                self._metered = True
                # When the pause is over one goes first: all at once would meet the same limit again.
                self._left = 1 if remaining is not None else None

    def lost(self) -> None:
        """It got no answer."""
        self._out = max(0, self._out - 1)


_NEWS_WITHIN = 0.5
"""Seconds after an answer in which another one may still tell of more room."""
_STEP = 0.05
"""Seconds between two looks at whether the budget has room."""


class PacedTransport(httpx.AsyncBaseTransport):
    """Holds every request back until the target wants it.

    The pause is shared: the limit counts per tenant, not per journey (contract G7). ``put_blob`` goes to another host
    and is held back too, which costs nothing but time.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, clock: Callable[[], float], pace: Pace | None = None) -> None:
        self._inner = inner
        self._clock = clock
        self._pace = pace or Pace(clock)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        while (pause := self._pace.wait()) > 0:
            await asyncio.sleep(pause)
        self._pace.left()
        request.extensions[SENT_AT] = self._clock()
        try:
            response = await self._inner.handle_async_request(request)
        except BaseException:
            self._pace.lost()
            raise
        self._pace.answered(response.status_code, response.headers)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


def seconds_to_wait(retry_after: str | None) -> float:
    """The pause that a ``Retry-After`` in seconds asks for, within bounds; ``DEFAULT_PAUSE`` where it says nothing."""
    text = (retry_after or "").strip()
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        return DEFAULT_PAUSE
    return min(max(float(text), 0.05), MAX_PAUSE)


def _whole(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def _until(headers: Mapping[str, str]) -> float:
    """Seconds until ``X-RateLimit-Reset`` (Unix epoch), by the server's own clock where it tells the time."""
    text = (headers.get("x-ratelimit-reset") or "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 11):
        return WINDOW
    try:
        now = parsedate_to_datetime(headers.get("date", "")).timestamp()
    except (TypeError, ValueError, IndexError, OverflowError):
        now = time.time()
    left = int(text) - now
    return left if math.isfinite(left) and 0 < left <= WINDOW else 1.0
