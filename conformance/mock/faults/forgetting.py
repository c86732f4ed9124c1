"""A client_message_id that is forgotten, or was never known (IDEM-01)."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from redis.asyncio import Redis

from conformance.mock.answers import ApiError
from conformance.mock.behaviour import Behaviour, Json
from conformance.mock.faults.registry import fault
from conformance.mock.messages import Submission
from conformance.mock.policy import Policy
from conformance.mock.store import active_key, duplicate_key, turns_key
from conformance.mock.wrapping import with_conflicts


@dataclass(frozen=True)
class _First:
    """The message that an id was first accepted with, and how many turns its session had then."""

    submission: Submission
    turns: int
    data: Json


Forget = Callable[[Redis, str, Submission, _First], Awaitable[bool]]


def _forgetting(server: Behaviour, forget: Forget) -> Behaviour:
    """A known id is taken for a new one where ``forget`` says so."""
    known: dict[tuple[str, str], _First] = {}

    async def append(client: Redis, policy: Policy, session: str, submission: Submission) -> Json:
        sent = submission.client_message_id
        first = None if sent is None else known.get((session, sent))
        if sent is not None and first is not None and await forget(client, session, submission, first):
            await client.delete(duplicate_key(session, hashlib.sha256(sent.encode()).hexdigest()))
        data = await server.append_message(client, policy, session, submission)
        if sent is not None:
            known[session, sent] = _First(submission, await client.llen(turns_key(session)), data)
        return data

    return replace(server, append_message=append)


@fault("IDEM-01", "IDEM-02", "IDEM-03", mistake="the field is stored with the message, and nothing is unique")
def duplicates_accepted(server: Behaviour) -> Behaviour:
    """A client_message_id that was accepted before is accepted again."""

    async def forget(_client: Redis, _session: str, _submission: Submission, _first: _First) -> bool:
        return True

    return _forgetting(server, forget)


@fault("IDEM-01", mistake="the id is a member of the set of running turns, and goes with its turn")
def id_forgotten_with_its_turn(server: Behaviour) -> Behaviour:
    """A duplicate is accepted once its turn has ended."""

    async def forget(client: Redis, session: str, _submission: Submission, _first: _First) -> bool:
        return not await client.scard(active_key(session))

    return _forgetting(server, forget)


@fault("IDEM-01", mistake="the id is inserted where the turn ends, together with its answer")
def id_unknown_while_its_turn_runs(server: Behaviour) -> Behaviour:
    """A duplicate is accepted while a turn of the session runs."""

    async def forget(client: Redis, session: str, _submission: Submission, _first: _First) -> bool:
        return bool(await client.scard(active_key(session)))

    return _forgetting(server, forget)


@fault("IDEM-01", mistake="the session's row has a column last_client_message_id, and that is compared")
def id_forgotten_with_the_next_message(server: Behaviour) -> Behaviour:
    """A duplicate of any but the newest message is accepted."""

    async def forget(client: Redis, session: str, _submission: Submission, first: _First) -> bool:
        return await client.llen(turns_key(session)) > first.turns

    return _forgetting(server, forget)


@fault("IDEM-01", mistake="the ids of a session are kept in a list that is trimmed to its newest members")
def id_forgotten_after_three_turns(server: Behaviour) -> Behaviour:
    """A duplicate is accepted once its session has had three turns."""

    async def forget(client: Redis, session: str, _submission: Submission, _first: _First) -> bool:
        return await client.llen(turns_key(session)) >= 3

    return _forgetting(server, forget)


@fault("IDEM-01", mistake="GETDEL, where it has to be GET: the first duplicate uses the id up")
def id_forgotten_at_the_second_duplicate(server: Behaviour) -> Behaviour:
    """The first duplicate is refused, the second one accepted."""
    refused: set[tuple[str, str | None]] = set()

    async def forget(_client: Redis, session: str, submission: Submission, _first: _First) -> bool:
        place = session, submission.client_message_id
        again = place in refused
        refused.symmetric_difference_update({place})
        return again

    return _forgetting(server, forget)


@fault("IDEM-01", mistake="the idempotency key is a hash of the whole body, so of the tier as well")
def id_forgotten_with_another_tier(server: Behaviour) -> Behaviour:
    """A duplicate is accepted where it asks for another tier."""

    async def forget(_client: Redis, _session: str, submission: Submission, first: _First) -> bool:
        return submission.tier != first.submission.tier

    return _forgetting(server, forget)


@fault("IDEM-01", mistake="the idempotency key is a hash of the id and of the text")
def id_forgotten_with_another_text(server: Behaviour) -> Behaviour:
    """A duplicate is accepted where its text is another."""

    async def forget(_client: Redis, _session: str, submission: Submission, first: _First) -> bool:
        return submission.message != first.submission.message

    return _forgetting(server, forget)


@fault("IDEM-01", mistake="messages with attachments go through another function, which has no such check")
def id_ignored_with_attachments(server: Behaviour) -> Behaviour:
    """A duplicate is accepted where it has attachments."""

    async def forget(_client: Redis, _session: str, submission: Submission, _first: _First) -> bool:
        return bool(submission.attachments)

    return _forgetting(server, forget)


@fault("IDEM-01", "IDEM-02", mistake="a middleware for idempotency that repeats the stored answer, as other APIs do")
def first_answer_repeated(server: Behaviour) -> Behaviour:
    """A duplicate is answered 202 with the first answer's ids, and starts no turn."""
    given: dict[tuple[str, str | None], Json] = {}

    async def append(client: Redis, policy: Policy, session: str, submission: Submission) -> Json:
        data = await server.append_message(client, policy, session, submission)
        given[session, submission.client_message_id] = data
        return data

    async def repeat(_client: Redis, session: str, submission: Submission, error: ApiError) -> Json:
        if (session, submission.client_message_id) not in given:
            raise error
        return given[session, submission.client_message_id]

    return with_conflicts(replace(server, append_message=append), repeat)


def _with_id(server: Behaviour, change: Callable[[str], str]) -> Behaviour:
    async def append(client: Redis, policy: Policy, session: str, submission: Submission) -> Json:
        sent = submission.client_message_id
        known = replace(submission, client_message_id=None if sent is None else change(sent))
        return await server.append_message(client, policy, session, known)

    return replace(server, append_message=append)


@fault("IDEM-01", "ACC-01", mistake="the column of the id is a varchar(32), and the database cuts what is longer")
def ids_compared_by_their_beginning(server: Behaviour) -> Behaviour:
    """Ids whose first 32 characters are equal are taken for one."""
    return _with_id(server, lambda sent: sent[:32])


@fault("IDEM-01", "ACC-01", mistake="the unique index has the database's default collation, which ignores case")
def ids_compared_without_case(server: Behaviour) -> Behaviour:
    """Ids that differ in the case of a letter are taken for one."""
    return _with_id(server, str.lower)
