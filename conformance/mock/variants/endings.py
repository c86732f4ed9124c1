"""How a turn ends, and what the connection does then (E6; the SDK's terminal envelopes)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

from redis.asyncio import Redis

from conformance.mock.behaviour import Behaviour, Sends
from conformance.mock.policy import Policy
from conformance.mock.positions import events_after, turns_running
from conformance.mock.script import Chunk, Step, Turn
from conformance.mock.sse import Frame, Signal
from conformance.mock.tail import Tail
from conformance.mock.variants.registry import policy_variant, variant
from conformance.mock.wrapping import with_chunks, with_flow, with_steps

_HOW = "end of a turn"
_SHORT = ("ACC-07", "EVT-07")
"""Such a turn is shorter than one that finishes: on a busy machine it may be over before it tells anything."""

policy_variant("ends-by-error", _HOW, "A turn ends with an error, and nothing after it.", hides=_SHORT, ending="error")
policy_variant(
    "ends-by-error-and-finish",
    _HOW,
    "A turn ends with an error, finish-step and finish.",
    hides=_SHORT,
    ending="error-finish",
)
policy_variant("ends-by-abort", _HOW, "A turn ends with an abort.", hides=_SHORT, ending="abort")
policy_variant("ends-by-approval", _HOW, "A turn ends with a pending approval.", hides=_SHORT, ending="approval")


@variant(_HOW, hides=_SHORT, ending="error-finish")
def ends_by_error_and_late_finish(server: Behaviour) -> Behaviour:
    """A turn ends with an error, and a second later with finish-step and finish."""

    def change(_: Turn, script: list[Step]) -> list[Step]:
        return [*script[:-1], replace(script[-1], pause=1.0)]

    return with_steps(server, change)


def _finish(server: Behaviour, reason: str | None) -> Behaviour:
    def change(_: Turn, chunk: Chunk) -> list[Chunk]:
        if chunk["type"] == "finish":
            chunk.pop("finishReason", None)
            chunk.update({"finishReason": reason} if reason else {})
        return [chunk]

    return with_chunks(server, change)


@variant(_HOW, ending="finish")
def ends_without_a_reason(server: Behaviour) -> Behaviour:
    """A turn ends with a finish that has no reason."""
    return _finish(server, None)


policy_variant("done-sent", "E6 [DONE]", "The sentinel [DONE] follows a turn's end.", done=True)
policy_variant("done-not-sent", "E6 [DONE]", "No sentinel follows a turn's end.", done=False)

_AFTER = "E6 connection after the end"
policy_variant("closed-after-the-end", _AFTER, "The connection is closed with a turn's end.", after_terminal="close")


@variant(_AFTER, after_terminal="close")
def closed_a_moment_after_the_end(server: Behaviour) -> Behaviour:
    """The connection is closed a fifth of a second after a turn's end."""

    def flow(_: Tail, sends: Sends) -> Sends:
        async def late() -> AsyncIterator[Frame | Signal]:
            async for item in sends:
                yield item
            await asyncio.sleep(0.2)

        return late()

    return with_flow(server, flow)


@variant(_AFTER, hides=("CUR-11",), after_terminal="close")
def closed_where_nothing_runs(server: Behaviour) -> Behaviour:
    """The connection is closed with a turn's end, and at once where no turn runs and nothing is left to send."""

    def frames(client: Redis, policy: Policy, tail: Tail, stopping: asyncio.Event) -> Sends:
        async def limited() -> AsyncIterator[Frame | Signal]:
            # In this order: a turn that ends between the two looks has left its events.
            running = await turns_running(client, tail.session)
            if not running and not await events_after(client, tail.session, tail.after):
                yield "opening"
                return
            async for item in server.frames(client, policy, tail, stopping):
                yield item

        return limited()

    return replace(server, frames=frames)
