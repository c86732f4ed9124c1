"""Signs of life on a stream (E6)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from conformance.mock.behaviour import Behaviour, Sends
from conformance.mock.policy import Policy
from conformance.mock.sse import Frame, Item, Signal
from conformance.mock.tail import Tail
from conformance.mock.variants.registry import policy_variant, variant
from conformance.mock.wrapping import with_flow

_POINT = "E6 heartbeats"
_OFTEN = 0.05
"""Seconds: between the envelopes of every turn."""

policy_variant("heartbeat-comment", _POINT, "Comments come between the envelopes.", heartbeat_seconds=_OFTEN)


def _heartbeat(server: Behaviour, lines_of: Callable[[], list[str]]) -> Behaviour:
    def lines(policy: Policy, item: Item) -> list[str]:
        return lines_of() if item == "heartbeat" else server.lines(policy, item)

    return replace(server, lines=lines)


@variant(_POINT, heartbeat_seconds=_OFTEN)
def heartbeat_named(server: Behaviour) -> Behaviour:
    """A heartbeat is a block with a name and no data, so no event."""
    return _heartbeat(server, lambda: ["event: ping"])


@variant(_POINT, heartbeat_seconds=_OFTEN)
def heartbeat_with_data(server: Behaviour) -> Behaviour:
    """A heartbeat is an event named ping with an empty object."""
    return _heartbeat(server, lambda: ["event: ping", "data: {}"])


@variant(_POINT, heartbeat_seconds=_OFTEN)
def heartbeat_without_text(server: Behaviour) -> Behaviour:
    """A heartbeat is an event whose data is empty."""
    return _heartbeat(server, lambda: ["data:"])


@variant(_POINT, heartbeat_seconds=_OFTEN)
def heartbeat_as_a_part(server: Behaviour) -> Behaviour:
    """A heartbeat is a transient data part without an id."""
    return _heartbeat(server, lambda: ['data: {"type":"data-heartbeat","data":{"at":1},"transient":true}'])


@variant(_POINT, heartbeat_seconds=_OFTEN)
def heartbeat_with_the_last_id(server: Behaviour) -> Behaviour:
    """A heartbeat is a block with the id of the event before it and no data, so no event."""

    def flow(_: Tail, sends: Sends) -> Sends:
        async def noted() -> AsyncIterator[Frame | Signal]:
            last: str | None = None
            async for item in sends:
                if isinstance(item, Frame):
                    last = item.event or last
                elif item == "heartbeat" and last is not None:
                    yield Frame(last, "", {"heartbeat": "1"})
                    continue
                yield item

        return noted()

    def lines(policy: Policy, item: Item) -> list[str]:
        if isinstance(item, Frame) and "heartbeat" in item.entry:
            return [f"id: {item.event}"]
        return server.lines(policy, item)

    return with_flow(replace(server, lines=lines), flow)
