"""How a tail gets at what is written, and what it makes of it: polls, signed addresses, the state of a first turn."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress

from redis.asyncio import Redis

from conformance.mock.behaviour import Behaviour, Sends
from conformance.mock.ids import just_before
from conformance.mock.positions import events_after, turns_of, turns_running
from conformance.mock.sse import Frame, Signal
from conformance.mock.tail import Asked, Tail
from conformance.mock.variants.registry import variant
from conformance.mock.wrapping import with_flow, with_frames, with_start

_POLL = 0.8
"""Seconds: longer than the mock's turns take."""


@variant("delivery", hides=("EVT-07",))
def tails_poll_the_store(server: Behaviour) -> Behaviour:
    """A tail looks into the store at fixed times, and sends what is there by then."""

    def flow(_: Tail, sends: Sends) -> Sends:
        async def polled() -> AsyncIterator[Frame | Signal]:
            waiting: asyncio.Queue[Frame | Signal | None] = asyncio.Queue()

            async def pump() -> None:
                async for item in sends:
                    waiting.put_nowait(item)
                waiting.put_nowait(None)

            pumping = asyncio.create_task(pump())
            try:
                first = await waiting.get()
                while first is not None:
                    yield first
                    if waiting.empty():
                        await asyncio.sleep(_POLL - asyncio.get_running_loop().time() % _POLL)
                    first = await waiting.get()
            finally:
                pumping.cancel()
                with suppress(asyncio.CancelledError):
                    await pumping

        return polled()

    return with_flow(server, flow)


@variant("signed addresses")
def addresses_are_signed_at_delivery(server: Behaviour) -> Behaviour:
    """The web addresses in a turn have a signature that is made anew each time that they are sent."""
    sent = 0

    def change(_: Tail, frame: Frame) -> list[Frame]:
        nonlocal sent
        chunk = json.loads(frame.chunk)
        if chunk["type"] not in ("source-url", "file") or not str(chunk["url"]).startswith("http"):
            return [frame]
        sent += 1
        chunk["url"] = f"{chunk['url'].partition('?')[0]}?sig={sent}"
        return [Frame(frame.event, json.dumps(chunk), frame.entry)]

    return with_frames(server, change)


@variant("E4")
def uncursored_state_of_a_first_turn(server: Behaviour) -> Behaviour:
    """Without a cursor a first turn that is over is its final state."""

    async def start(client: Redis, session: str, asked: Asked, after: str) -> str:
        if asked.since or asked.header or len(await turns_of(client, session)) != 1:
            return after
        if await turns_running(client, session):
            return after
        final = [event for event, entry in await events_after(client, session) if entry["final"] == "1"]
        return just_before(final[0]) if final else after

    return with_start(server, start)
