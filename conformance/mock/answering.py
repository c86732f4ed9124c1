"""Ways to change whole answers that many changes have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from redis.asyncio import Redis

from conformance.mock.behaviour import Behaviour
from conformance.mock.layers import Answer, Asking, Proceed, answers, around
from conformance.mock.rate import Window
from conformance.mock.settings import RateLimit

ChangeBody = Callable[[Asking, Any], Any]
Statuses = Callable[[int], bool]


def success(status: int) -> bool:
    return 200 <= status < 300


def error(status: int) -> bool:
    return status >= 400


def bad_input(status: int) -> bool:
    return status in (400, 422)


def with_bodies(server: Behaviour, change: ChangeBody, *operations: str, when: Statuses = success) -> Behaviour:
    """The JSON bodies of some operations' answers are changed (all operations where none is named).

    :param change: gets a copy of the body; what it returns is sent, and its None stands for the copy as it is now.
    """

    def changed(asking: Asking, answer: Answer) -> Answer:
        if operations and asking.operation not in operations:
            return answer
        body = answer.json
        if not when(answer.status) or body is None:
            return answer
        result = change(asking, body)
        return answer.with_json(body if result is None else result)

    return server.with_layer(answers(changed))


def with_answers(
    server: Behaviour, change: Callable[[Asking, Answer], Answer], *operations: str, when: Statuses = error
) -> Behaviour:
    """The answers of some operations are changed as a whole (of all where none is named)."""

    def changed(asking: Asking, answer: Answer) -> Answer:
        picked = (not operations or asking.operation in operations) and when(answer.status)
        return change(asking, answer) if picked else answer

    return server.with_layer(answers(changed))


def as_text(answer: Answer, text: str, content_type: str = "text/plain; charset=utf-8") -> Answer:
    """The same status and headers with a text in place of the envelope."""
    return replace(answer.with_header("content-type", content_type), body=text.encode())


def with_crash(server: Behaviour, when: Callable[[Asking], bool]) -> Behaviour:
    """Requests with a body are answered 500, in an envelope and without any effect, where the caller may ask at all."""

    async def change(asking: Asking, proceed: Proceed) -> Answer | None:
        if not asking.body or not when(asking):
            return await proceed(asking)
        # A null comes as far as the check of the body, and so says who may ask and adds the headers.
        answer = await proceed(replace(asking, body=b"null"))
        if answer is None or not bad_input(answer.status):
            return answer
        body = answer.json
        body["error"] = {"code": "INTERNAL_ERROR", "message": "Something went wrong."}
        return replace(answer.with_json(body), status=500)

    return server.with_layer(around(change))


def with_limit(server: Behaviour, *places: int) -> Behaviour:
    """A tenant's n-th requests meet the rate limit, with a second to wait; n counted from 1 in this process."""
    seen: Counter[str] = Counter()
    wanted: Collection[int] = frozenset(places)

    async def count_request(client: Redis, rate: RateLimit, tenant: str) -> Window:
        window = await server.count_request(client, rate, tenant)
        seen[tenant] += 1
        return replace(window, remaining=0, retry_after=1) if seen[tenant] in wanted else window

    return replace(server, count_request=count_request)
