"""A message that is posted while a turn runs (M10)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from redis.asyncio import Redis

from conformance.mock.answering import with_answers
from conformance.mock.answers import ApiError
from conformance.mock.behaviour import Behaviour, Json
from conformance.mock.layers import Answer, Asking
from conformance.mock.messages import Submission
from conformance.mock.policy import Policy
from conformance.mock.store import active_key
from conformance.mock.variants.registry import policy_variant, variant
from conformance.mock.wrapping import with_accepted

ONE_AT_A_TIME = ("CUR-11",)
"""Where no two posts are accepted at once, none race."""

policy_variant("turns-parallel", "M10", "Turns of a session run side by side.", concurrency="parallel")
policy_variant(
    "turns-refused",
    "M10",
    "While a turn runs, a message is refused with 409.",
    hides=ONE_AT_A_TIME,
    concurrency="refuse",
)


@variant("M10", hides=ONE_AT_A_TIME, concurrency="refuse")
def turns_refused_with_a_pause(server: Behaviour) -> Behaviour:
    """While a turn runs, a message is refused with 409, a Retry-After, and how many turns are waited for."""

    def change(_: Asking, answer: Answer) -> Answer:
        if b"TURN_IN_PROGRESS" not in answer.body.upper():
            return answer
        body: Any = answer.json
        body["error"]["details"] = {"retry_after": 1, "running": 1}
        return answer.with_json(body).with_header("retry-after", "1")

    return with_answers(server, change, "append", when=lambda status: status == 409)


@variant("M10", hides=ONE_AT_A_TIME, concurrency="refuse")
def busy_before_duplicate(server: Behaviour) -> Behaviour:
    """While a turn runs every message is refused as busy, also a duplicate, and without an id."""

    async def append_message(client: Redis, policy: Policy, session: str, submission: Submission) -> Json:
        if await client.scard(active_key(session)):
            raise ApiError(409, "TURN_IN_PROGRESS", "A turn is still running in this session.")
        return await server.append_message(client, policy, session, submission)

    return replace(server, append_message=append_message)


@variant("M10", hides=ONE_AT_A_TIME, concurrency="refuse")
def busy_names_the_running_turn(server: Behaviour) -> Behaviour:
    """While a turn runs, a message is refused with a 409 that names that turn and its message."""
    running: dict[str, Json] = {}

    async def note(_client: Redis, session: str, _submission: Submission, data: Json) -> Json:
        running[session] = {name: data[name] for name in ("chat_turn_id", "user_message_id")}
        return data

    def change(asking: Asking, answer: Answer) -> Answer:
        if b"TURN_IN_PROGRESS" not in answer.body.upper():
            return answer
        body: Any = answer.json
        body["error"]["details"] = {"running": running.get(asking.session)}
        return answer.with_json(body)

    return with_answers(with_accepted(server, note), change, "append", when=lambda status: status == 409)
