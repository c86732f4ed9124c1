"""What a stream holds that nobody asked for: a greeting of the agent, and one of each connection."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import replace

from redis.asyncio import Redis

from conformance.mock.accounts import Account
from conformance.mock.answers import encode
from conformance.mock.behaviour import Behaviour, Json, Sends
from conformance.mock.policy import Policy
from conformance.mock.sse import Frame, Signal
from conformance.mock.store import stream_key
from conformance.mock.tail import Tail
from conformance.mock.variants.registry import variant
from conformance.mock.wrapping import with_flow


@variant("M7", first_cursor="null")
def agent_greets(server: Behaviour) -> Behaviour:
    """A new session's stream holds a turn in which the agent says hello, so the first cursor is an id."""

    async def create_session(client: Redis, policy: Policy, account: Account, given: Json) -> Json:
        resource = await server.create_session(client, policy, account, given)
        turn = uuid.uuid4().hex
        said: list[Json] = [
            {"type": "start", "messageId": f"msg_{turn}"},
            {"type": "start-step"},
            {"type": "text-start", "id": f"hello_{turn}"},
            {"type": "text-delta", "id": f"hello_{turn}", "delta": "Hello, what can I do for you today?"},
            {"type": "text-end", "id": f"hello_{turn}"},
            {"type": "finish-step"},
            {"type": "finish", "finishReason": "stop"},
        ]
        for chunk in said:
            final = chunk["type"] in ("finish-step", "finish")
            last = chunk["type"] == "finish"
            await client.xadd(
                stream_key(resource["id"]),
                {"chunk": encode(chunk).decode(), "turn": turn, "final": int(final), "last": int(last)},
            )
        return resource

    return replace(server, create_session=create_session)


@variant("transient parts", event_id_form="redis")
def connections_are_told_their_place(server: Behaviour) -> Behaviour:
    """Each tail begins with a transient data part under the id after which it begins."""

    def flow(tail: Tail, sends: Sends) -> Sends:
        async def greeted() -> AsyncIterator[Frame | Signal]:
            async for item in sends:
                yield item
                if item == "opening" and tail.after != "0-0":
                    yield Frame(tail.after, '{"type":"data-hello","data":{"at":"here"},"transient":true}')

        return greeted()

    return with_flow(server, flow)
