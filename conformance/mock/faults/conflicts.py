"""What the 409 of a duplicate says, and what the duplicate leaves behind (IDEM-02, IDEM-03)."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections import Counter
from dataclasses import replace

from redis.asyncio import Redis

from conformance.mock.answers import ApiError
from conformance.mock.behaviour import Behaviour, Json
from conformance.mock.faults.registry import fault
from conformance.mock.messages import Submission
from conformance.mock.store import active_key, messages_key, text
from conformance.mock.wrapping import store_alone, with_accepted, with_conflicts

_LATE_SECONDS = 1.0


def _bare(error: ApiError) -> ApiError:
    return ApiError(error.status, error.code, "This message was accepted before.")


def _naming(error: ApiError, message_id: str) -> ApiError:
    return ApiError(error.status, error.code, "This message was accepted before.", {"user_message_id": message_id})


@fault("IDEM-02", mistake="the violation of the unique index is caught, and its row is not read")
def conflict_without_the_id(server: Behaviour) -> Behaviour:
    """The 409 of a duplicate names no message."""

    async def change(_client: Redis, _session: str, _submission: Submission, error: ApiError) -> Json:
        raise _bare(error)

    return with_conflicts(server, change)


@fault("IDEM-02", mistake="the id was made before the insert, and goes into the error in place of the row's")
def conflict_with_an_id_of_its_own(server: Behaviour) -> Behaviour:
    """The 409 of a duplicate names a message that is nowhere."""

    async def change(_client: Redis, _session: str, _submission: Submission, error: ApiError) -> Json:
        raise _naming(error, str(uuid.uuid4()))

    return with_conflicts(server, change)


@fault("IDEM-02", mistake="ORDER BY created_at DESC LIMIT 1, without the client_message_id in the condition")
def conflict_with_the_latest_message(server: Behaviour) -> Behaviour:
    """The 409 of a duplicate names the session's latest message of the user."""
    latest: dict[str, str] = {}

    async def note(_client: Redis, session: str, _submission: Submission, data: Json) -> Json:
        latest[session] = data["user_message_id"]
        return data

    async def change(_client: Redis, session: str, _submission: Submission, error: ApiError) -> Json:
        raise _naming(error, latest[session])

    return with_conflicts(with_accepted(server, note), change)


@fault("IDEM-02", mistake="the original is looked up in a cache, whose entry is taken out as it is read")
def conflict_names_the_original_once(server: Behaviour) -> Behaviour:
    """Only the first 409 of a duplicate names the original message."""
    named: Counter[tuple[str, str | None]] = Counter()

    async def change(_client: Redis, session: str, submission: Submission, error: ApiError) -> Json:
        named[session, submission.client_message_id] += 1
        raise error if named[session, submission.client_message_id] == 1 else _bare(error)

    return with_conflicts(server, change)


@fault("IDEM-02", mistake="the id is known from the table of ended turns")
def conflict_without_the_id_while_running(server: Behaviour) -> Behaviour:
    """While a turn runs, the 409 of a duplicate names no message."""

    async def change(client: Redis, session: str, _submission: Submission, error: ApiError) -> Json:
        raise _bare(error) if await client.scard(active_key(session)) else error

    return with_conflicts(server, change)


@fault("IDEM-03", mistake="the conflict is found by the worker, after message and turn were committed")
def duplicate_is_appended(server: Behaviour) -> Behaviour:
    """A duplicate gets its 409, but its message is stored and its turn runs."""

    async def change(client: Redis, session: str, submission: Submission, error: ApiError) -> Json:
        await server.append_message(client, server.policy, session, replace(submission, client_message_id=None))
        raise error

    return with_conflicts(server, change)


@fault("IDEM-03", mistake="the workflow is started first, the message is inserted after it, with the unique index")
def duplicate_starts_a_turn(server: Behaviour) -> Behaviour:
    """A duplicate gets its 409 and is not stored, but its turn runs."""

    async def change(client: Redis, session: str, submission: Submission, error: ApiError) -> Json:
        fresh = replace(submission, client_message_id=None)
        data = await server.append_message(client, server.policy, session, fresh)
        for stored in await client.lrange(messages_key(session), 0, -1):
            if json.loads(stored)["id"] == data["user_message_id"]:
                await client.lrem(messages_key(session), 1, text(stored))
        raise error

    return with_conflicts(server, change)


@fault("IDEM-03", mistake="an outbox that retries the enqueue of whatever was answered with an error")
def duplicate_starts_a_turn_late(server: Behaviour) -> Behaviour:
    """The first duplicate of a message gets its 409, and a second later its turn runs."""
    late: dict[tuple[str, str | None], asyncio.Task[Json]] = {}

    async def change(client: Redis, session: str, submission: Submission, error: ApiError) -> Json:
        async def append() -> Json:
            await asyncio.sleep(_LATE_SECONDS)
            fresh = replace(submission, client_message_id=None)
            return await server.append_message(client, server.policy, session, fresh)

        place = session, submission.client_message_id
        if place not in late:
            late[place] = asyncio.create_task(append())
        raise error

    return with_conflicts(server, change)


@fault("IDEM-03", mistake="the message is inserted and committed before the id is")
def duplicate_is_stored(server: Behaviour) -> Behaviour:
    """A duplicate gets its 409 and starts no turn, but its message is stored."""

    async def change(client: Redis, session: str, submission: Submission, error: ApiError) -> Json:
        await store_alone(client, session, submission)
        raise error

    return with_conflicts(server, change)


@fault("IDEM-03", mistake="INSERT … ON CONFLICT DO UPDATE, and the conflict is reported all the same")
def duplicate_replaces_the_text(server: Behaviour) -> Behaviour:
    """A duplicate gets its 409, and its text takes the place of the original's."""

    async def change(client: Redis, session: str, submission: Submission, error: ApiError) -> Json:
        for place, stored in enumerate(await client.lrange(messages_key(session), 0, -1)):
            message = json.loads(stored)
            if message.get("client_message_id") == submission.client_message_id:
                message["message"] = submission.message
                await client.lset(messages_key(session), place, json.dumps(message))
        raise error

    return with_conflicts(server, change)


@fault("IDEM-03", mistake="the transaction of a message with attachments commits before the id is looked at")
def duplicate_with_attachments_is_stored(server: Behaviour) -> Behaviour:
    """A duplicate with attachments gets its 409, but its message is stored."""

    async def change(client: Redis, session: str, submission: Submission, error: ApiError) -> Json:
        if submission.attachments:
            await store_alone(client, session, submission)
        raise error

    return with_conflicts(server, change)
