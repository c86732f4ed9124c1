"""Messages without a client_message_id that are taken for duplicates (IDEM-04)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from redis.asyncio import Redis

from conformance.mock.answers import ApiError
from conformance.mock.behaviour import Behaviour, Json
from conformance.mock.faults.registry import fault
from conformance.mock.messages import Submission
from conformance.mock.policy import Policy

MakeId = Callable[[Json, Submission], "str | None"]


def _with_made_id(server: Behaviour, make: MakeId) -> Behaviour:
    """A message without an id gets the one that ``make`` gives, or none."""

    async def read(client: Redis, policy: Policy, session: str, given: Json) -> Submission:
        submission = await server.read_submission(client, policy, session, given)
        if submission.client_message_id is not None:
            return submission
        return replace(submission, client_message_id=make(given, submission))

    return replace(server, read_submission=read)


@fault("IDEM-04", mistake="str(client_message_id), and the unique index on it")
def null_is_an_id(server: Behaviour) -> Behaviour:
    """The second null of a session is a duplicate of the first."""
    return _with_made_id(server, lambda given, _: "None" if "client_message_id" in given else None)


@fault("IDEM-04", mistake="the field's default is an empty string, and the unique index is not partial")
def absent_is_an_id(server: Behaviour) -> Behaviour:
    """The second message of a session without an id is a duplicate of the first."""
    return _with_made_id(server, lambda given, _: None if "client_message_id" in given else "")


@fault("IDEM-04", mistake="a guard against double clicks that hashes the text where there is no id")
def equal_text_is_a_duplicate(server: Behaviour) -> Behaviour:
    """Without an id, a text that the session had before is a duplicate."""
    return _with_made_id(server, lambda _, submission: f"text {submission.message}")


@fault("IDEM-04", mistake="the guard against double clicks has no session in its key", duplicate_scope="tenant")
def equal_text_is_a_duplicate_anywhere(server: Behaviour) -> Behaviour:
    """Without an id, a text that any session of the tenant had before is a duplicate."""
    return equal_text_is_a_duplicate(server)


def _known_by(server: Behaviour, key: Callable[[Submission], object]) -> Behaviour:
    """A message without an id is a duplicate of the session's first message, with or without an id, of the same key."""
    first: dict[tuple[str, object], str] = {}

    async def append(client: Redis, policy: Policy, session: str, submission: Submission) -> Json:
        known = key(submission)
        if submission.client_message_id is None and known is not None and (session, known) in first:
            original = first[session, known]
            raise ApiError(409, "DUPLICATE_MESSAGE", "It was sent before.", {"user_message_id": original})
        data = await server.append_message(client, policy, session, submission)
        first.setdefault((session, known), data["user_message_id"])
        return data

    return replace(server, append_message=append)


@fault("IDEM-04", "ATT-05", mistake="the hash of a message leaves out its attachments: all without a text are equal")
def attachments_alone_are_duplicates(server: Behaviour) -> Behaviour:
    """Without an id, a message of attachments alone is a duplicate of the session's first such message."""
    return _known_by(server, lambda submission: None if submission.message else "no text")


@fault("IDEM-04", mistake="a guard against double clicks that compares how many attachments there are")
def as_many_attachments_are_a_duplicate(server: Behaviour) -> Behaviour:
    """Without an id, as many attachments as an earlier message had make a duplicate."""
    return _known_by(server, lambda submission: len(submission.attachments) or None)
