"""Odd values that nothing refuses, in fields that come as far as the store (ERR-04)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from redis.asyncio import Redis

from conformance.mock.answering import with_crash
from conformance.mock.behaviour import Behaviour, Json
from conformance.mock.faults.registry import fault
from conformance.mock.messages import Submission
from conformance.mock.policy import Policy


def _on_storing(server: Behaviour, bad: Callable[[Submission], bool]) -> Behaviour:
    async def append(client: Redis, policy: Policy, session: str, submission: Submission) -> Json:
        if bad(submission):
            raise RuntimeError("the store takes no such value")
        return await server.append_message(client, policy, session, submission)

    return replace(server, append_message=append)


@fault("ERR-04", mistake="the id becomes part of a key of the store, which is written as ASCII")
def odd_client_message_id_crashes(server: Behaviour) -> Behaviour:
    """A client_message_id that is not ASCII is answered 500 as its message is stored."""
    return _on_storing(server, lambda submission: not (submission.client_message_id or "").isascii())


@fault("ERR-04", mistake="PostgreSQL has no NUL in its texts, and only the message's own text is checked for it")
def nul_in_a_client_message_id_crashes(server: Behaviour) -> Behaviour:
    """A client_message_id with a NUL is answered 500 as its message is stored."""
    return _on_storing(server, lambda submission: "\0" in (submission.client_message_id or ""))


@fault("ERR-04", mistake="the name goes into a Content-Disposition header, which is Latin-1")
def odd_attachment_filename_crashes(server: Behaviour) -> Behaviour:
    """An attachment whose filename is not Latin-1 is answered 500 as its message is stored."""

    def bad(submission: Submission) -> bool:
        names = [str(one.get("filename") or "") for one in submission.attachments]
        return any(max(name, default="a") > "\xff" for name in names)

    return _on_storing(server, bad)


@fault("ERR-04", mistake="the body is decoded as ASCII, which every test's json.dumps had made it")
def characters_beyond_ascii_crash(server: Behaviour) -> Behaviour:
    """A body with a character that is not escaped as ASCII is answered 500."""
    return with_crash(server, lambda asking: not asking.body.isascii() and b"\xff" not in asking.body)
