"""Requests of a crowd: what goes wrong with them only while many sessions are at work at once."""

from __future__ import annotations

import time
import uuid
from collections import OrderedDict
from dataclasses import replace
from itertools import count
from typing import Any, Final

from redis.asyncio import Redis

from conformance.mock.accounts import Account
from conformance.mock.answering import with_bodies
from conformance.mock.answers import no_such_session
from conformance.mock.behaviour import Behaviour, Json
from conformance.mock.crowds import with_crowd
from conformance.mock.faults.registry import fault
from conformance.mock.layers import Answer, Asking, Proceed, around
from conformance.mock.messages import Submission
from conformance.mock.wrapping import with_accepted

_CACHED: Final = 16
"""Sessions that the cache has room for; a run of the scenarios posts to fewer in all."""
_SHED: Final = 7
_SAME_ID_SECONDS: Final = 5


@fault(
    "ACC-01",
    under_load=True,
    mistake="a cache of sessions that evicts is asked alone: what is not in it any more is taken for deleted",
)
def live_session_evicted(server: Behaviour) -> Behaviour:
    """A session is 404 once sixteen others had a message after its own last one."""
    cached: OrderedDict[str, None] = OrderedDict()
    evicted: set[str] = set()

    async def note(_client: Redis, session: str, _submission: Submission, data: Json) -> Json:
        cached[session] = None
        cached.move_to_end(session)
        if len(cached) > _CACHED:
            evicted.add(cached.popitem(last=False)[0])
        return data

    async def require_session(client: Redis, account: Account, session: str) -> None:
        await server.require_session(client, account, session)
        if session in evicted:
            raise no_such_session()

    return replace(with_accepted(server, note), require_session=require_session)


@fault(
    "AUTH-03",
    under_load=True,
    mistake="the tenant is a setting of the database connection, and a pool that has run dry hands it on as it is",
)
def tenant_of_the_request_before(server: Behaviour) -> Behaviour:
    """While a crowd is served, a session is looked up for the tenant of the request before, whoever asks."""
    noted, crowd = with_crowd(server)
    left: list[Account] = []

    async def require_session(client: Redis, account: Account, session: str) -> None:
        setting = left[-1] if left and crowd.there else account
        left[:] = [account]
        await server.require_session(client, setting, session)

    return replace(noted, require_session=require_session)


@fault(
    "RATE-02",
    "RATE-01",
    under_load=True,
    mistake="a limiter of concurrency before the API sheds what it cannot queue, and knows nothing of the API's headers",
)
def shed_without_retry_after(server: Behaviour) -> Behaviour:
    """While a crowd is served, each seventh message is refused with a 429 that does not say when to come back."""
    noted, crowd = with_crowd(server)
    numbers = count(1)

    async def change(asking: Asking, proceed: Proceed) -> Answer | None:
        if asking.operation != "append" or not crowd.there or next(numbers) % _SHED:
            return await proceed(asking)
        # What is asked of nobody's session comes back with all that belongs to an answer, and has no effect.
        answer = await proceed(replace(asking, body=b"null"))
        if answer is None or answer.json is None or answer.status not in (400, 422):
            return answer
        body = answer.json
        body["error"] = {"code": "TOO_MANY_REQUESTS", "message": "Too many requests at once."}
        for name in ("limit", "remaining", "reset"):
            answer = answer.with_header(f"x-ratelimit-{name}", None)
        return replace(answer, status=429).with_json(body)

    return noted.with_layer(around(change))


@fault(
    "ENV-02",
    under_load=True,
    mistake="random bytes are drawn ahead for many requests, and the buffer is not locked when it is filled again",
)
def request_ids_from_one_buffer(server: Behaviour) -> Behaviour:
    """While a crowd is served, all answers within five seconds have the same request_id."""
    noted, crowd = with_crowd(server)
    drawn: dict[int, str] = {}

    def change(_: Asking, body: Any) -> None:
        if not crowd.there or not isinstance(body.get("meta"), dict):
            return
        period = int(time.time()) // _SAME_ID_SECONDS
        body["meta"]["request_id"] = drawn.setdefault(period, str(uuid.uuid4()))

    return with_bodies(noted, change, when=lambda status: status < 500)
