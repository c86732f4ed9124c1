"""Notices that a client has left a tail while its turn was still being written."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from redis.asyncio import Redis

from conformance.mock.behaviour import Behaviour, Sends
from conformance.mock.sse import Frame, Signal
from conformance.mock.tail import Tail
from conformance.mock.wrapping import with_reader


def with_cut(server: Behaviour, cut: Callable[[Tail, Frame], None]) -> Behaviour:
    """``cut`` is told when a client leaves in the middle of a turn, with the last frame that was sent to it."""

    def reader(_client: Redis, tail: Tail, read: Callable[[Tail], Sends]) -> Sends:
        async def sends() -> AsyncIterator[Frame | Signal]:
            last: Frame | None = None
            try:
                async for item in read(tail):
                    last = item if isinstance(item, Frame) else last
                    yield item
            finally:
                if last is not None and last.entry["last"] != "1":
                    cut(tail, last)

        return sends()

    return with_reader(server, reader)
