"""The 202: its status, its envelope, and when it comes (ACC-01, ACC-02, ACC-05, ACC-07)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from redis.asyncio import Redis

from conformance.mock.answering import as_text, with_answers, with_bodies
from conformance.mock.answers import ApiError
from conformance.mock.behaviour import Behaviour, Json
from conformance.mock.faults.registry import fault
from conformance.mock.layers import Answer, Asking
from conformance.mock.messages import Submission
from conformance.mock.policy import Policy
from conformance.mock.store import active_key, turns_key
from conformance.mock.wrapping import with_accepted

_PAUSE = 0.02


def _accepted(status: int) -> bool:
    return status == 202


def _refuse(server: Behaviour, wrong: Callable[[Json], bool], message: str) -> Behaviour:
    async def read(client: Redis, policy: Policy, session: str, given: Json) -> Submission:
        if wrong(given):
            raise ApiError(policy.invalid_status, "validation_error", message)
        return await server.read_submission(client, policy, session, given)

    return replace(server, read_submission=read)


@fault("ACC-01", mistake="the framework's default status: nobody set status_code=202 on the route")
def accepted_with_200(server: Behaviour) -> Behaviour:
    """A message is answered 200 in place of 202."""
    return with_answers(server, lambda _, answer: replace(answer, status=200), "append", when=_accepted)


@fault("ACC-01", "IDEM-04", mistake="client_message_id: str in the request model, without a default")
def client_message_id_required(server: Behaviour) -> Behaviour:
    """A message without a client_message_id is refused."""
    return _refuse(server, lambda given: "client_message_id" not in given, "client_message_id is required.")


@fault("ACC-01", "IDEM-04", mistake="client_message_id: str = '' in the request model, which takes no null")
def null_client_message_id_refused(server: Behaviour) -> Behaviour:
    """A message whose client_message_id is null is refused."""
    return _refuse(server, lambda given: given.get("client_message_id", "") is None, "client_message_id is no string.")


@fault("ACC-01", mistake="the flag 'running' of a session is set with its first turn and never cleared")
def busy_for_ever(server: Behaviour) -> Behaviour:
    """A session that has had a turn answers every further message with 409, also long after that turn."""

    async def append(client: Redis, policy: Policy, session: str, submission: Submission) -> Json:
        if await client.llen(turns_key(session)):
            raise ApiError(409, "TURN_IN_PROGRESS", "A turn is still running in this session.")
        return await server.append_message(client, policy, session, submission)

    return replace(server, append_message=append)


@fault("ACC-02", mistake="this route returns its model and does not go through the envelope")
def accepted_without_envelope(server: Behaviour) -> Behaviour:
    """The body of a 202 is the data itself, beside its meta."""
    return with_bodies(server, lambda _, body: {**body["data"], "meta": body["meta"]}, "append", when=_accepted)


@fault("ACC-02", mistake="the body is written as text and the framework's default type is HTML")
def accepted_as_html(server: Behaviour) -> Behaviour:
    """A 202 says that it is text/html."""

    def change(_: Asking, answer: Answer) -> Answer:
        return as_text(answer, answer.body.decode(), "text/html; charset=utf-8")

    return with_answers(server, change, "append", when=_accepted)


@fault("ACC-02", mistake="the branch for messages with files returns the list of what it has persisted")
def accepted_list_with_attachments(server: Behaviour) -> Behaviour:
    """The data of a 202 to a message with attachments is a list of one."""

    def change(asking: Asking, body: Any) -> None:
        if asking.member("attachments"):
            body["data"] = [body["data"]]

    return with_bodies(server, change, "append", when=_accepted)


@fault("ACC-05", mistake="the flag comes from a form or an environment variable, where it is text")
def progress_flag_as_text(server: Behaviour) -> Behaviour:
    """show_agent_progress_steps is the string "false"."""

    async def change(_client: Redis, _session: str, _submission: Submission, data: Json) -> Json:
        return {**data, "show_agent_progress_steps": "false"}

    return with_accepted(server, change)


@fault("ACC-05", mistake="MySQL has no boolean: the column is TINYINT(1), and a later turn reads it from there")
def progress_flag_as_number(server: Behaviour) -> Behaviour:
    """show_agent_progress_steps is 0 from the second turn of a session on."""

    async def change(client: Redis, session: str, _submission: Submission, data: Json) -> Json:
        later = await client.llen(turns_key(session)) > 1
        return {**data, "show_agent_progress_steps": 0} if later else data

    return with_accepted(server, change)


def _wait(server: Behaviour, when: Callable[[Submission, bool], bool]) -> Behaviour:
    async def change(client: Redis, session: str, submission: Submission, data: Json) -> Json:
        first = await client.llen(turns_key(session)) == 1
        while when(submission, first) and await client.sismember(active_key(session), data["chat_turn_id"]):
            await asyncio.sleep(_PAUSE)
        return data

    return with_accepted(server, change)


@fault("ACC-07", mistake="the route awaits the workflow's result where it should have awaited its start")
def accepted_after_the_turn(server: Behaviour) -> Behaviour:
    """The 202 comes when the turn has ended."""
    return _wait(server, lambda _submission, _first: True)


@fault("ACC-07", mistake="the larger model is called in the request, the smaller one in a worker")
def accepted_after_a_smart_turn(server: Behaviour) -> Behaviour:
    """The 202 of a SMART turn comes when that turn has ended."""
    return _wait(server, lambda submission, _first: submission.tier == "SMART")


@fault("ACC-07", mistake="pictures are described by the model while the client waits, and with them the whole turn")
def accepted_after_a_turn_with_attachments(server: Behaviour) -> Behaviour:
    """The 202 of a turn with attachments comes when that turn has ended."""
    return _wait(server, lambda submission, _first: bool(submission.attachments))


@fault("ACC-07", mistake="the first turn creates the agent's thread, and that call is not split from its run")
def accepted_after_a_first_turn(server: Behaviour) -> Behaviour:
    """The 202 of a session's first turn comes when that turn has ended."""
    return _wait(server, lambda _submission, first: first)
