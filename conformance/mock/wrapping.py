"""Ways to wrap the parts of a server that many changes have in common."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace

from redis.asyncio import Redis

from conformance.mock.behaviour import Behaviour, Json, Sends
from conformance.mock.messages import Submission
from conformance.mock.policy import Policy
from conformance.mock.script import Chunk, Step, Turn
from conformance.mock.sse import Frame, Signal
from conformance.mock.tail import Asked, Tail

ChangeChunk = Callable[[Turn, Chunk], Sequence[Chunk]]
ChangeSteps = Callable[[Turn, list[Step]], list[Step]]
ChangeFrame = Callable[[Tail, Frame], Sequence[Frame]]
ChangeAccepted = Callable[[Redis, str, Submission, Json], Awaitable[Json]]
ChangeStart = Callable[[Redis, str, Asked, str], Awaitable[str]]


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
