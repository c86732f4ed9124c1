"""While a pause that the target asked for is running, nothing is sent; and then no more than it has room for."""

from __future__ import annotations

import asyncio
import time
from collections import deque

import httpx
import pytest

from conformance.pacing import METERED_MOST, Pace, PacedTransport


class Limited:
    """A limit over a sliding window, with the contract's headers; it notes what came while its Retry-After ran."""

    def __init__(self, limit: int, window: float) -> None:
        self.limit, self.window = limit, window
        self.times: deque[float] = deque()
        self.free_from = 0.0
        self.early = 0
        self.refused = 0

    async def __call__(self, _request: httpx.Request) -> httpx.Response:
        now = time.monotonic()
        self.early += now < self.free_from
        while self.times and self.times[0] <= now - self.window:
            self.times.popleft()
        left = self.limit - len(self.times)
        reset = self.times[0] + self.window - now if self.times else self.window
        headers = {"X-RateLimit-Limit": str(self.limit), "X-RateLimit-Reset": str(int(time.time() + reset) + 1)}
        if left > 0:
            self.times.append(now)
        await asyncio.sleep(0.005)
        if left <= 0:
            self.refused += 1
            wait = max(1, round(reset + 0.5))
            self.free_from = max(self.free_from, time.monotonic() + wait - 0.01)
            return httpx.Response(429, headers={**headers, "X-RateLimit-Remaining": "0", "Retry-After": str(wait)})
        return httpx.Response(200, headers={**headers, "X-RateLimit-Remaining": str(left - 1)})


def test_a_limit_is_met_once_and_then_kept() -> None:
    server = Limited(10, 1.0)

    async def one(transport: PacedTransport) -> None:
        while (await transport.handle_async_request(httpx.Request("GET", "http://target.test/"))).status_code == 429:
            pass

    async def all_of_them() -> None:
        transport = PacedTransport(httpx.MockTransport(server), time.monotonic)
        await asyncio.gather(*(one(transport) for _ in range(30)))

    asyncio.run(all_of_them())
    # Those that were under way when the first was refused could not know; none came later.
    assert server.early <= 30 - server.limit
    assert server.refused >= 1
    assert server.refused <= 30 - server.limit + 5


def _pace(*answers: tuple[int, dict[str, str]]) -> Pace:
    pace = Pace(lambda: 100.0)
    for status, headers in answers:
        pace.left()
        pace.answered(status, headers)
    return pace


@pytest.mark.parametrize("remaining", ["0", "5", "x", "", "-1"])
def test_before_the_first_429_nothing_is_held_back(remaining: str) -> None:
    pace = _pace((200, {"x-ratelimit-remaining": remaining, "x-ratelimit-reset": "9999999999"}))
    assert pace.wait() == 0


def test_a_429_without_headers_is_waited_for_a_second() -> None:
    pace = _pace((429, {}))
    assert pace.wait() == 1.0


def test_a_target_that_always_has_nothing_left_is_not_obeyed_for_ever() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0])
    nothing = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "99999999999"}
    pace.left()
    pace.answered(429, {**nothing, "retry-after": "1"})
    for _ in range(500):
        while (pause := pace.wait()) > 0:
            now[0] += pause
        pace.left()
        pace.answered(200, nothing)
    assert now[0] < METERED_MOST + 600 * 1.0


def test_the_pause_is_shared_by_all_who_send() -> None:
    pace = Pace(lambda: 50.0)
    pace.left()
    pace.answered(429, {"retry-after": "7"})
    assert pace.wait() == 7.0
