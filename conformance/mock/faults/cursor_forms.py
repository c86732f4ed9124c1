"""How a server reads the two numbers of a cursor (CUR-07)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from redis.asyncio import Redis

from conformance.mock.behaviour import Behaviour, Sends
from conformance.mock.faults.registry import fault
from conformance.mock.ids import FIRST_EVENT, split_event_id
from conformance.mock.sse import Frame, Signal
from conformance.mock.tail import Asked, Tail
from conformance.mock.wrapping import with_reader, with_start

Key = Callable[[str], str | float | int]


def _filtered_by(server: Behaviour, key: Key) -> Behaviour:
    """A tail from a cursor has the events whose key is greater than the cursor's."""

    def reader(_client: Redis, tail: Tail, read: Callable[[Tail], Sends]) -> Sends:
        if not (tail.asked.since or tail.asked.header) or tail.after == FIRST_EVENT:
            return read(tail)

        async def sends() -> AsyncIterator[Frame | Signal]:
            least = key(tail.after)
            async for item in read(replace(tail, after=FIRST_EVENT)):
                if not isinstance(item, Frame) or item.event is None or key(item.event) > least:  # type: ignore[operator]
                    yield item

        return sends()

    return with_reader(server, reader)


@fault("CUR-07", mistake="events are filtered with id > since, and both are strings")
def cursors_compared_as_text(server: Behaviour) -> Behaviour:
    """A tail has the events whose id is greater as text: behind …-9 there is no …-10."""
    return _filtered_by(server, str)


@fault("CUR-07", mistake="an id is read as one decimal number, by replacing the dash with a point")
def cursors_read_as_decimals(server: Behaviour) -> Behaviour:
    """A tail compares <ms>.<seq> as a decimal number, for which …-10 equals …-1."""
    return _filtered_by(server, lambda event: float(event.replace("-", ".")))


@fault("CUR-07", mistake="an id is packed into one JavaScript number, which has 53 bits")
def cursors_packed_into_a_double(server: Behaviour) -> Behaviour:
    """A tail compares ms * 1000000 + seq as doubles, for which neighbours within a millisecond are equal."""
    return _filtered_by(server, lambda event: float(split_event_id(event)[0]) * 1_000_000 + split_event_id(event)[1])


@fault("CUR-07", mistake="events are kept by time, and a read begins behind the cursor's millisecond")
def rest_of_the_millisecond_skipped(server: Behaviour) -> Behaviour:
    """A tail begins with the first event of a later millisecond than the cursor's."""
    return _filtered_by(server, lambda event: split_event_id(event)[0])


@fault("CUR-07", mistake="the cursor goes through a database column with hundredths of a second")
def milliseconds_of_cursor_rounded(server: Behaviour) -> Behaviour:
    """A cursor's milliseconds are rounded to tens before the tail begins behind it."""

    async def start(_client: Redis, _session: str, asked: Asked, after: str) -> str:
        if not (asked.since or asked.header) or after == FIRST_EVENT:
            return after
        milliseconds, sequence = split_event_id(after)
        return f"{round(milliseconds, -1)}-{sequence}"

    return with_start(server, start)
