"""The headers of the rate limit (RATE)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from email.utils import formatdate

from redis.asyncio import Redis

from conformance.mock.answering import error, with_answers, with_limit
from conformance.mock.behaviour import Behaviour
from conformance.mock.faults.registry import fault
from conformance.mock.layers import Answer, Asking
from conformance.mock.rate import Window
from conformance.mock.settings import RateLimit

_NAMES = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
_PLACES = (40, 150)


def _any(_: int) -> bool:
    return True


def _without(*names: str) -> Callable[[Asking, Answer], Answer]:
    def change(_: Asking, answer: Answer) -> Answer:
        for name in names:
            answer = answer.with_header(name, None)
        return answer

    return change


def _reset(server: Behaviour, change: Callable[[int], int]) -> Behaviour:
    async def count(client: Redis, rate: RateLimit, tenant: str) -> Window:
        window = await server.count_request(client, rate, tenant)
        return replace(window, reset=change(window.reset))

    return replace(server, count_request=count)


@fault("RATE-01", mistake="the IETF draft's RateLimit-Reset is a delta, and the limiter's library follows it")
def reset_as_delta(server: Behaviour) -> Behaviour:
    """X-RateLimit-Reset is the number of seconds until the reset."""
    return _reset(server, lambda reset: max(0, reset - int(time.time())))


@fault("RATE-01", mistake="Date.now() + window, in JavaScript's milliseconds")
def reset_in_milliseconds(server: Behaviour) -> Behaviour:
    """X-RateLimit-Reset is in milliseconds of the epoch."""
    return _reset(server, lambda reset: reset * 1_000)


@fault("RATE-01", mistake="a naive datetime in UTC, whose timestamp() takes it for local time west of Greenwich")
def reset_hours_ago(server: Behaviour) -> Behaviour:
    """X-RateLimit-Reset lies five hours back."""
    return _reset(server, lambda reset: reset - 5 * 3_600)


@fault("RATE-01", mistake="a local time that is taken for UTC, east of Greenwich")
def reset_hours_ahead(server: Behaviour) -> Behaviour:
    """X-RateLimit-Reset lies two hours ahead."""
    return _reset(server, lambda reset: reset + 2 * 3_600)


@fault("RATE-01", mistake="the headers are added to the response object, and an exception makes another one")
def no_rate_headers_on_errors(server: Behaviour) -> Behaviour:
    """Errors have none of the three headers."""
    return with_answers(server, _without(*_NAMES), when=error)


@fault("RATE-01", mistake="the upload service is another one, behind a limiter without headers")
def no_rate_headers_on_grants(server: Behaviour) -> Behaviour:
    """The upload-url has none of the three headers."""
    return with_answers(server, _without(*_NAMES), "grant", when=_any)


@fault("RATE-01", mistake="the proxy's list of headers that it lets through has two of the three")
def no_remaining(server: Behaviour) -> Behaviour:
    """X-RateLimit-Remaining is missing in the replay."""
    return with_answers(server, _without("x-ratelimit-remaining"), "replay", when=_any)


@fault("RATE-01", mistake="the limiter's scope is written where its number belongs")
def limit_in_words(server: Behaviour) -> Behaviour:
    """X-RateLimit-Limit is "per-tenant"."""
    return with_answers(server, lambda _, answer: answer.with_header("x-ratelimit-limit", "per-tenant"), when=_any)


@fault("RATE-01", mistake="409s are answered by the idempotency middleware, which stands before the limiter")
def no_rate_headers_on_conflicts(server: Behaviour) -> Behaviour:
    """A 409 has none of the three headers."""
    return with_answers(server, _without(*_NAMES), "append", when=lambda status: status == 409)


def _limited(status: int) -> bool:
    return status == 429


@fault("RATE-02", mistake="the limiter tells how long to wait in its body, and nobody writes the header")
def no_retry_after(server: Behaviour) -> Behaviour:
    """A 429 has no Retry-After."""
    return with_answers(with_limit(server, *_PLACES), _without("retry-after"), when=_limited)


@fault("RATE-02", mistake="HTTP's other form of Retry-After")
def retry_after_as_date(server: Behaviour) -> Behaviour:
    """Retry-After is a date."""

    def change(_: Asking, answer: Answer) -> Answer:
        return answer.with_header("retry-after", formatdate(time.time() + 1, usegmt=True))

    return with_answers(with_limit(server, *_PLACES), change, when=_limited)


@fault("RATE-02", mistake="the reset's time is copied into Retry-After")
def retry_after_as_epoch(server: Behaviour) -> Behaviour:
    """Retry-After is a time in seconds of the epoch, where it should be a number of seconds to wait."""

    def change(_: Asking, answer: Answer) -> Answer:
        return answer.with_header("retry-after", str(int(time.time()) + 1))

    return with_answers(with_limit(server, *_PLACES), change, when=_limited)
