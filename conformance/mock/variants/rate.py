"""The rate limit: what the three headers say, where they stand, and who else uses the limit up (G7)."""

from __future__ import annotations

import itertools
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

from redis.asyncio import Redis

from conformance.mock.behaviour import Behaviour
from conformance.mock.layers import Answer, Asking, answers
from conformance.mock.outgoing import outgoing, with_start
from conformance.mock.rate import Window
from conformance.mock.settings import RateLimit
from conformance.mock.variants.registry import variant

_LIMIT_HEADERS = (b"x-ratelimit-limit", b"x-ratelimit-remaining", b"x-ratelimit-reset")


def _with_window(server: Behaviour, change: Callable[[Window, RateLimit], Window]) -> Behaviour:
    async def count_request(client: Redis, rate: RateLimit, tenant: str) -> Window:
        counted: Awaitable[Window] = server.count_request(client, rate, tenant)
        return change(await counted, rate)

    return replace(server, count_request=count_request)


@variant("G7 what Reset means")
def reset_of_the_moment(server: Behaviour) -> Behaviour:
    """X-RateLimit-Reset is the current second: the oldest request leaves the window at once."""
    return _with_window(server, lambda window, _: replace(window, reset=int(time.time())))


@variant("G7 other traffic of the tenant")
def tenant_shares_the_limit(server: Behaviour) -> Behaviour:
    """Other clients of the tenant leave next to nothing: the remaining number jumps up and down."""
    left = itertools.cycle((3, 0, 17, 1, 250, 0))
    return _with_window(server, lambda window, _: replace(window, remaining=min(window.remaining, next(left))))


# A turn may be over when the pause is: then it shows no streaming.
@variant("G7 other traffic of the tenant", hides=("EVT-07",))
def tenant_meets_the_limit(server: Behaviour) -> Behaviour:
    """Other clients of the tenant use the limit up now and then: each 150th request is a 429, for a second."""
    numbers = itertools.count(1)

    def change(window: Window, _: RateLimit) -> Window:
        met = next(numbers) % 150 == 0
        return replace(window, remaining=0, retry_after=1) if met else window

    return _with_window(server, change)


@variant("G7 headers of a 401")
def limit_on_a_401(server: Behaviour) -> Behaviour:
    """A 401 has the three headers as well, of a limit for strangers."""

    def change(_: Asking, answer: Answer) -> Answer:
        if answer.status != 401:
            return answer
        for name, value in (("limit", "60"), ("remaining", "59"), ("reset", str(int(time.time()) + 60))):
            answer = answer.with_header(f"x-ratelimit-{name}", value)
        return answer

    return server.with_layer(answers(change))


@variant("G7 headers of a stream")
def no_limit_on_streams(server: Behaviour) -> Behaviour:
    """A stream has none of the three headers."""

    def change(headers: list[tuple[bytes, bytes]]) -> None:
        headers[:] = [pair for pair in headers if pair[0].lower() not in _LIMIT_HEADERS]

    return server.with_layer(outgoing(with_start(change), "stream"), "framing")


@variant("G7 form of Limit and Remaining")
def limit_with_policies(server: Behaviour) -> Behaviour:
    """The limit and what remains have their policies behind the number, as the drafts of the headers write them."""

    def change(headers: list[tuple[bytes, bytes]]) -> None:
        for place, (name, value) in enumerate(headers):
            if name.lower() == b"x-ratelimit-limit":
                headers[place] = (name, value + b", " + value + b";w=60")
            elif name.lower() == b"x-ratelimit-remaining":
                headers[place] = (name, value + b";w=60")

    return server.with_layer(outgoing(with_start(change), "any"), "framing")
