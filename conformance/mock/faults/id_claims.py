"""A client_message_id that is used up by a message which was refused, or known only while it is the last one (IDEM-01)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

from redis.asyncio import Redis

from conformance.mock.answers import ApiError
from conformance.mock.behaviour import Behaviour, Json
from conformance.mock.faults.registry import fault
from conformance.mock.messages import Submission
from conformance.mock.policy import Policy
from conformance.mock.store import duplicate_key


def _claiming(server: Behaviour, claims: Callable[[Json], bool]) -> Behaviour:
    """A refused message uses its id up where ``claims`` says so."""
    claimed: set[tuple[str, str]] = set()

    async def read(client: Redis, policy: Policy, session: str, given: Json) -> Submission:
        sent = given.get("client_message_id")
        try:
            return await server.read_submission(client, policy, session, given)
        except ApiError:
            if isinstance(sent, str) and claims(given):
                claimed.add((session, sent))
            raise

    async def append(client: Redis, policy: Policy, session: str, submission: Submission) -> Json:
        if (session, submission.client_message_id) in claimed:
            raise ApiError(409, "DUPLICATE_MESSAGE", "A message with this client_message_id was sent before.")
        return await server.append_message(client, policy, session, submission)

    return replace(server, read_submission=read, append_message=append)


@fault(
    "IDEM-01", mistake="SET NX of the id is the first thing that the handler does, and a refusal does not take it back"
)
def refused_message_uses_its_id_up(server: Behaviour) -> Behaviour:
    """A message is a duplicate where one with its id was refused."""
    return _claiming(server, lambda _: True)


@fault("IDEM-01", mistake="the id is inserted between the validation of the body and the look at the grants")
def ungranted_path_uses_the_id_up(server: Behaviour) -> Behaviour:
    """A message is a duplicate where one with its id was refused for the path of an attachment."""

    def claims(given: Json) -> bool:
        listed = given.get("attachments")
        return isinstance(listed, list) and 0 < len(listed) <= 6

    return _claiming(server, claims)


@fault("IDEM-01", mistake="a column last_client_message_id, which messages without an id leave as it is")
def only_the_last_id_is_known(server: Behaviour) -> Behaviour:
    """A duplicate is accepted once another id was accepted in its session."""
    last: dict[str, str] = {}

    async def append(client: Redis, policy: Policy, session: str, submission: Submission) -> Json:
        sent = submission.client_message_id
        if sent is not None and last.get(session, sent) != sent:
            await client.delete(duplicate_key(session, hashlib.sha256(sent.encode()).hexdigest()))
        data = await server.append_message(client, policy, session, submission)
        if sent is not None:
            last[session] = sent
        return data

    return replace(server, append_message=append)
