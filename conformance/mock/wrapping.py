"""Ways to wrap the parts of a server that many changes have in common."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace

from redis.asyncio import Redis

from conformance.mock.answers import ApiError
from conformance.mock.behaviour import Behaviour, Json, Sends
from conformance.mock.messages import Rules, Submission, read_submission
from conformance.mock.policy import Policy
from conformance.mock.script import Chunk, Step, Turn
from conformance.mock.sessions import timestamp
from conformance.mock.sse import Frame, Signal
from conformance.mock.store import messages_key
from conformance.mock.tail import Asked, Tail

ChangeChunk = Callable[[Turn, Chunk], Sequence[Chunk]]
ChangeSteps = Callable[[Turn, list[Step]], list[Step]]
ChangeFrame = Callable[[Tail, Frame], Sequence[Frame]]
ChooseRules = Callable[[str, Json], Rules]
ChangePage = Callable[[str, list[Json]], list[Json]]
ChangeConflict = Callable[[Redis, str, Submission, ApiError], Awaitable[Json]]
ChangeAccepted = Callable[[Redis, str, Submission, Json], Awaitable[Json]]
ChangeStart = Callable[[Redis, str, Asked, str], Awaitable[str]]
ChangeAsked = Callable[[Redis, str, Asked], Awaitable[Asked]]
ChangeReader = Callable[[Redis, Tail, Callable[[Tail], Sends]], Sends]


def with_steps(server: Behaviour, change: ChangeSteps) -> Behaviour:
    """The agent's script of a turn is changed."""

    def steps(turn: Turn, policy: Policy) -> list[Step]:
        return change(turn, server.steps(turn, policy))

    return replace(server, steps=steps)


def with_chunks(server: Behaviour, change: ChangeChunk) -> Behaviour:
    """Each envelope that the agent writes becomes none, one or several."""

    def steps(turn: Turn, script: list[Step]) -> list[Step]:
        changed = (
            replace(step, chunks=tuple(new for chunk in step.chunks for new in change(turn, dict(chunk))))
            for step in script
        )
        return [step for step in changed if step.chunks]

    return with_steps(server, steps)


def with_frames(server: Behaviour, change: ChangeFrame) -> Behaviour:
    """Each frame that a tail sends becomes none, one or several; what is stored stays as it is."""

    def flow(tail: Tail, sends: Sends) -> Sends:
        async def changed() -> AsyncIterator[Frame | Signal]:
            async for item in sends:
                if isinstance(item, Frame):
                    for frame in change(tail, item):
                        yield frame
                else:
                    yield item

        return changed()

    return with_flow(server, flow)


def with_flow(server: Behaviour, change: Callable[[Tail, Sends], Sends]) -> Behaviour:
    """All that a tail sends, as one flow, is changed."""

    def frames(client: Redis, policy: Policy, tail: Tail, stopping: asyncio.Event) -> Sends:
        return change(tail, server.frames(client, policy, tail, stopping))

    return replace(server, frames=frames)


def with_accepted(server: Behaviour, change: ChangeAccepted) -> Behaviour:
    """The ``data`` of each 202 is changed, after the turn was put into the queue."""

    async def append_message(client: Redis, policy: Policy, session: str, submission: Submission) -> Json:
        data = await server.append_message(client, policy, session, submission)
        return await change(client, session, submission, data)

    return replace(server, append_message=append_message)


def with_start(server: Behaviour, change: ChangeStart) -> Behaviour:
    """The event after which a tail begins is changed; the reference's choice is the last argument."""

    async def tail_from(client: Redis, policy: Policy, session: str, asked: Asked) -> str:
        return await change(client, session, asked, await server.tail_from(client, policy, session, asked))

    return replace(server, tail_from=tail_from)


def with_asked(server: Behaviour, change: ChangeAsked) -> Behaviour:
    """The cursors of a request for a tail are changed before anything looks at them."""

    async def tail_from(client: Redis, policy: Policy, session: str, asked: Asked) -> str:
        return await server.tail_from(client, policy, session, await change(client, session, asked))

    return replace(server, tail_from=tail_from)


def with_reader(server: Behaviour, change: ChangeReader) -> Behaviour:
    """A tail is read otherwise; the last argument reads any tail as the reference does."""

    def frames(client: Redis, policy: Policy, tail: Tail, stopping: asyncio.Event) -> Sends:
        return change(client, tail, lambda other: server.frames(client, policy, other, stopping))

    return replace(server, frames=frames)


def with_rules(server: Behaviour, choose: ChooseRules) -> Behaviour:
    """What a message has to keep is changed, by its session and by what was given."""

    async def read(client: Redis, policy: Policy, session: str, given: Json) -> Submission:
        return await read_submission(client, policy, session, given, choose(session, given))

    return replace(server, read_submission=read)


def with_given(server: Behaviour, check: Callable[[str, Json], None]) -> Behaviour:
    """A message is looked at as it was given, after it was found valid; ``check`` may raise to refuse it."""

    async def read(client: Redis, policy: Policy, session: str, given: Json) -> Submission:
        submission = await server.read_submission(client, policy, session, given)
        check(session, given)
        return submission

    return replace(server, read_submission=read)


def with_page(server: Behaviour, change: ChangePage) -> Behaviour:
    """The messages of each page of a replay are changed; what is stored stays as it is."""

    async def list_messages(
        client: Redis, policy: Policy, session: str, page_size: str | None, cursor: str | None
    ) -> tuple[list[Json], Json]:
        page, pagination = await server.list_messages(client, policy, session, page_size, cursor)
        return change(session, page), pagination

    return replace(server, list_messages=list_messages)


def with_conflicts(server: Behaviour, change: ChangeConflict) -> Behaviour:
    """What becomes of a duplicate: it gets the refusal, and may raise that or another, or return ``data`` of a 202."""

    async def append_message(client: Redis, policy: Policy, session: str, submission: Submission) -> Json:
        try:
            return await server.append_message(client, policy, session, submission)
        except ApiError as error:
            if error.code != "DUPLICATE_MESSAGE":
                raise
            return await change(client, session, submission, error)

    return replace(server, append_message=append_message)


async def store_alone(client: Redis, session: str, submission: Submission) -> None:
    """The user's message without a turn and under an id of its own, as a transaction leaves it that was split in two."""
    stored = {
        "id": str(uuid.uuid4()),
        "role": "user",
        "message": submission.message,
        "attachments": submission.attachments,
        "chat_turn_id": None,
        "client_message_id": submission.client_message_id,
        "created_at": timestamp(),
    }
    await client.rpush(messages_key(session), json.dumps(stored))
