"""What a 202 names: the turn, the message and the cursor's form (ACC-03, ACC-04, ACC-06, ACC-08)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from redis.asyncio import Redis

from conformance.mock.answering import with_bodies
from conformance.mock.behaviour import Behaviour, Json
from conformance.mock.faults.registry import fault
from conformance.mock.ids import split_event_id
from conformance.mock.layers import Asking
from conformance.mock.messages import Submission
from conformance.mock.policy import Policy
from conformance.mock.store import turn_key, turns_key
from conformance.mock.wrapping import with_accepted


@fault("ACC-03", mistake="the table's serial key is passed through as it is")
def integer_message_id(server: Behaviour) -> Behaviour:
    """user_message_id is a number."""
    return with_bodies(server, _numbered, "append", when=lambda status: status == 202)


def _numbered(_: Asking, body: Any) -> None:
    body["data"]["user_message_id"] = int(body["data"]["user_message_id"][:8], 16)


@fault("ACC-03", mistake="the workflow's handle is not there yet when the first run of a session is answered")
def no_turn_id_on_a_first_turn(server: Behaviour) -> Behaviour:
    """The chat_turn_id of a session's first turn is an empty string."""

    async def change(client: Redis, session: str, _submission: Submission, data: Json) -> Json:
        return {**data, "chat_turn_id": ""} if await client.llen(turns_key(session)) == 1 else data

    return with_accepted(server, change)


@fault("ACC-03", mistake="a message without text is persisted by its attachments, and the message row has no id")
def no_message_id_without_text(server: Behaviour) -> Behaviour:
    """user_message_id is null when the message is empty and has an attachment."""

    async def change(_client: Redis, _session: str, submission: Submission, data: Json) -> Json:
        return data if submission.message else {**data, "user_message_id": None}

    return with_accepted(server, change)


@fault("ACC-04", mistake="the serializer leaves out what is None (exclude_none, omitempty)")
def null_cursor_left_out(server: Behaviour) -> Behaviour:
    """A since_cursor that would be null is not in the answer at all."""

    async def change(_client: Redis, _session: str, _submission: Submission, data: Json) -> Json:
        return {name: value for name, value in data.items() if value is not None}

    return with_accepted(server, change)


@fault("ACC-04", mistake="the cursor is stored as the milliseconds alone, in a numeric column")
def cursor_as_number(server: Behaviour) -> Behaviour:
    """since_cursor is a number, the milliseconds of the event's id."""

    async def change(_client: Redis, _session: str, _submission: Submission, data: Json) -> Json:
        cursor = data["since_cursor"]
        return data if cursor is None else {**data, "since_cursor": split_event_id(cursor)[0]}

    return with_accepted(server, change)


@fault("ACC-06", mistake="the workflow is started under the session's id, so that one session has one workflow")
def one_turn_id_a_session(server: Behaviour) -> Behaviour:
    """chat_turn_id is the session's id, in every turn."""

    async def change(_client: Redis, session: str, _submission: Submission, data: Json) -> Json:
        return {**data, "chat_turn_id": session}

    return with_accepted(server, change)


@fault("ACC-06", "ACC-08", mistake="the id is read from a replica that does not have this message yet")
def message_id_of_the_previous_message(server: Behaviour) -> Behaviour:
    """user_message_id names the session's previous message, from the second turn on."""
    last: dict[str, str] = {}

    async def change(_client: Redis, session: str, _submission: Submission, data: Json) -> Json:
        mine = str(data["user_message_id"])
        previous, last[session] = last.get(session, mine), mine
        return {**data, "user_message_id": previous}

    return with_accepted(server, change)


@fault("ACC-06", mistake="both ids are made from the clock in whole seconds and a counter that each turn resets")
def turn_id_of_two_alternates(server: Behaviour) -> Behaviour:
    """chat_turn_id alternates between two values."""
    turns = iter(range(10_000_000))

    async def change(_client: Redis, _session: str, _submission: Submission, data: Json) -> Json:
        return {**data, "chat_turn_id": f"wf-{next(turns) % 2}"}

    return with_accepted(server, change)


@fault("ACC-08", mistake="two strings of one type in the wrong order: Accepted(message.id, turn.id)")
def swapped_ids(server: Behaviour) -> Behaviour:
    """chat_turn_id and user_message_id are swapped in the 202."""

    async def change(_client: Redis, _session: str, _submission: Submission, data: Json) -> Json:
        return {**data, "chat_turn_id": data["user_message_id"], "user_message_id": data["chat_turn_id"]}

    return with_accepted(server, change)


@fault("ACC-08", mistake="both messages of a turn are inserted at once, and RETURNING gives the last row")
def message_id_of_the_answer(server: Behaviour) -> Behaviour:
    """user_message_id names the agent's answer in place of the user's message."""

    async def change(client: Redis, _session: str, _submission: Submission, data: Json) -> Json:
        answer = await client.hget(turn_key(str(data["chat_turn_id"])), "message_id")
        return {**data, "user_message_id": answer}

    return with_accepted(server, change)


@fault("ACC-08", mistake="the 202 gives the queue's message id, the replay the table's")
def replay_with_other_ids(server: Behaviour) -> Behaviour:
    """The replay names the messages by ids that no 202 has."""

    async def listed(
        client: Redis, policy: Policy, session: str, size: str | None, cursor: str | None
    ) -> tuple[list[Json], Json]:
        page, pagination = await server.list_messages(client, policy, session, size, cursor)
        return [{**message, "id": f"row-{message['id'][::-1]}"} for message in page], pagination

    return replace(server, list_messages=listed)


@fault("ACC-08", mistake="the replay reads what the agent has written, and the user's messages are elsewhere")
def replay_of_answers_only(server: Behaviour) -> Behaviour:
    """The replay has the agent's messages only."""

    async def listed(
        client: Redis, policy: Policy, session: str, size: str | None, cursor: str | None
    ) -> tuple[list[Json], Json]:
        page, pagination = await server.list_messages(client, policy, session, size, cursor)
        return [message for message in page if message["role"] != "user"], pagination

    return replace(server, list_messages=listed)
