"""Posts at the same moment with one client_message_id (IDEM-05, and IDEM-02 and IDEM-03 among those that lose)."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace

from redis.asyncio import Redis

from conformance.mock.answers import ApiError
from conformance.mock.behaviour import Behaviour, Json
from conformance.mock.faults.registry import fault
from conformance.mock.messages import Submission
from conformance.mock.policy import Policy
from conformance.mock.wrapping import store_alone

_OPEN_SECONDS = 0.05
"""How long a post is under way before the id is looked at: a race that a busy database would give by itself."""

Raced = Callable[[Redis, str, Submission, int], Awaitable[Json]]


def _racing(server: Behaviour, change: Raced) -> Behaviour:
    """Posts that meet another of their id under way are appended by ``change``; its last argument is how many there are."""
    under_way: Counter[tuple[str, str]] = Counter()

    async def append(client: Redis, policy: Policy, session: str, submission: Submission) -> Json:
        sent = submission.client_message_id
        if sent is None:
            return await server.append_message(client, policy, session, submission)
        under_way[session, sent] += 1
        place = under_way[session, sent]
        try:
            await asyncio.sleep(_OPEN_SECONDS)
            if place > 1:
                return await change(client, session, submission, place)
            return await server.append_message(client, policy, session, submission)
        finally:
            under_way[session, sent] -= 1

    return replace(server, append_message=append)


def _losing(server: Behaviour, lose: Callable[[Redis, str, Submission, ApiError], Awaitable[ApiError]]) -> Behaviour:
    """The refusal of a post that lost the race is changed."""

    async def change(client: Redis, session: str, submission: Submission, _: int) -> Json:
        try:
            return await server.append_message(client, server.policy, session, submission)
        except ApiError as error:
            raise await lose(client, session, submission, error) from error

    return _racing(server, change)


@fault("IDEM-05", mistake="SELECT, then INSERT, with no unique index: two posts find nothing and both insert")
def two_of_a_race_accepted(server: Behaviour) -> Behaviour:
    """Of several posts at once with one id, two are accepted."""

    async def change(client: Redis, session: str, submission: Submission, place: int) -> Json:
        known = replace(submission, client_message_id=None) if place == 2 else submission
        return await server.append_message(client, server.policy, session, known)

    return _racing(server, change)


@fault("IDEM-05", mistake="each post takes the lock of the id, finds that others wait for it, and gives up")
def none_of_a_race_accepted(server: Behaviour) -> Behaviour:
    """Of several posts at once with one id, none is accepted."""
    under_way: Counter[tuple[str, str]] = Counter()

    async def append(client: Redis, policy: Policy, session: str, submission: Submission) -> Json:
        sent = submission.client_message_id
        if sent is None:
            return await server.append_message(client, policy, session, submission)
        under_way[session, sent] += 1
        await asyncio.sleep(_OPEN_SECONDS)
        crowded = under_way[session, sent] > 1
        await asyncio.sleep(_OPEN_SECONDS)
        under_way[session, sent] -= 1
        if crowded:
            raise ApiError(409, "CONFLICT", "The same message is being accepted.")
        return await server.append_message(client, policy, session, submission)

    return replace(server, append_message=append)


@fault(
    "IDEM-02", mistake="the violation of the unique index, which only a race can meet, is answered by another branch"
)
def loser_of_a_race_gets_no_id(server: Behaviour) -> Behaviour:
    """Of several posts at once with one id, those refused are not told the original message."""

    async def lose(_client: Redis, _session: str, _submission: Submission, error: ApiError) -> ApiError:
        return ApiError(error.status, error.code, "This message was accepted before.")

    return _losing(server, lose)


@fault("IDEM-02", mistake="the id that was made for the refused row goes into the error")
def loser_of_a_race_gets_its_own_id(server: Behaviour) -> Behaviour:
    """Of several posts at once with one id, each one refused is told another message id."""

    async def lose(_client: Redis, _session: str, _submission: Submission, error: ApiError) -> ApiError:
        details = {"user_message_id": str(uuid.uuid4())}
        return ApiError(error.status, error.code, "This message was accepted before.", details)

    return _losing(server, lose)


@fault("IDEM-03", mistake="the message is inserted in one transaction, the id in the next one, which meets the index")
def losers_of_a_race_stored(server: Behaviour) -> Behaviour:
    """Of several posts at once with one id, those refused are stored as messages, without a turn."""

    async def lose(client: Redis, session: str, submission: Submission, error: ApiError) -> ApiError:
        await store_alone(client, session, submission)
        return error

    return _losing(server, lose)


@fault("IDEM-03", mistake="the workflow is started before the insert that meets the unique index")
def loser_of_a_race_starts_a_turn(server: Behaviour) -> Behaviour:
    """Of several posts at once with one id, those refused are appended all the same."""

    async def lose(client: Redis, session: str, submission: Submission, error: ApiError) -> ApiError:
        await server.append_message(client, server.policy, session, replace(submission, client_message_id=None))
        return error

    return _losing(server, lose)
