"""Tails that hold envelopes back (EVT-07)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from redis.asyncio import Redis

from conformance.mock.behaviour import Behaviour, Json, Sends
from conformance.mock.faults.registry import fault
from conformance.mock.messages import Submission
from conformance.mock.positions import events_after
from conformance.mock.script import Step, Turn
from conformance.mock.sse import Frame, Signal
from conformance.mock.tail import Tail
from conformance.mock.wrapping import with_accepted, with_flow, with_reader, with_steps

Holds = Callable[[Tail, Frame], bool]


def _held_to_the_end(server: Behaviour, holds: Holds) -> Behaviour:
    """From the first frame that is held on, all wait for the turn's last one."""

    def flow(tail: Tail, sends: Sends) -> Sends:
        async def held() -> AsyncIterator[Frame | Signal]:
            waiting: list[Frame] = []
            async for item in sends:
                if not isinstance(item, Frame):
                    yield item
                elif item.entry["last"] == "1":
                    for frame in (*waiting, item):
                        yield frame
                    waiting.clear()
                elif waiting or holds(tail, item):
                    waiting.append(item)
                else:
                    yield item

        return held()

    return with_flow(server, flow)


@fault("EVT-07", mistake="a proxy before the server buffers answers (proxy_buffering on)")
def tails_buffered(server: Behaviour) -> Behaviour:
    """The envelopes of a turn all come with its last one."""
    return _held_to_the_end(server, lambda _tail, _frame: True)


@fault("EVT-07", mistake="no-transform is set for the first connection only, and a reconnect is compressed in blocks")
def tails_by_header_buffered(server: Behaviour) -> Behaviour:
    """On a tail by Last-Event-Id the envelopes of a turn all come with its last one."""
    return _held_to_the_end(server, lambda tail, _frame: bool(tail.asked.header))


@fault("EVT-07", mistake="without a cursor the turn is read from the cache, which is filled at its end")
def tails_without_a_cursor_buffered(server: Behaviour) -> Behaviour:
    """On a tail without a cursor the envelopes of a running turn all come with its last one."""
    return _held_to_the_end(server, lambda tail, _frame: not (tail.asked.since or tail.asked.header))


@fault("EVT-07", mistake="a filter for forbidden words wants the whole text before it lets any of it go")
def text_buffered(server: Behaviour) -> Behaviour:
    """The text of a turn, which takes most of its time, is held back until the turn ends; the rest is streamed."""

    def slower(_turn: Turn, script: list[Step]) -> list[Step]:
        slow: list[Step] = []
        for step in script:
            slow.append(step)
            if any(chunk["type"] == "text-delta" for chunk in step.chunks):
                slow += [Step(())] * 12
        return slow

    server = with_steps(server, slower)
    return _held_to_the_end(server, lambda _tail, frame: '"type":"text-' in frame.chunk)


@fault("EVT-07", mistake="the strong model is called without streaming")
def smart_turns_buffered(server: Behaviour) -> Behaviour:
    """The envelopes of a SMART turn all come with its last one."""
    smart: set[str] = set()

    async def note(_client: Redis, _session: str, submission: Submission, data: Json) -> Json:
        if submission.tier == "SMART":
            smart.add(data["chat_turn_id"])
        return data

    return _held_to_the_end(with_accepted(server, note), lambda _tail, frame: frame.entry["turn"] in smart)


@fault("EVT-07", mistake="messages with attachments go through a queue that delivers in one batch")
def turns_with_attachments_buffered(server: Behaviour) -> Behaviour:
    """The envelopes of a turn with attachments all come with its last one."""
    attached: set[str] = set()

    async def note(_client: Redis, _session: str, submission: Submission, data: Json) -> Json:
        if submission.attachments:
            attached.add(data["chat_turn_id"])
        return data

    return _held_to_the_end(with_accepted(server, note), lambda _tail, frame: frame.entry["turn"] in attached)


@fault("EVT-07", mistake="a reconnect is served by the replay's code, which reads to the end before it writes")
def resumed_tails_buffered(server: Behaviour) -> Behaviour:
    """A tail from an id within a running turn gets the turn's other envelopes all with the last one."""

    def reader(client: Redis, tail: Tail, read: Callable[[Tail], Sends]) -> Sends:
        async def sends() -> AsyncIterator[Frame | Signal]:
            events = await events_after(client, tail.session)
            within = next((e["turn"] for event, e in events if event == tail.after and e["last"] == "0"), None)
            waiting: list[Frame] = []
            async for item in read(tail):
                if not isinstance(item, Frame) or item.entry["turn"] != within:
                    yield item
                elif item.entry["last"] == "0":
                    waiting.append(item)
                else:
                    for frame in (*waiting, item):
                        yield frame
                    waiting.clear()

        return sends()

    return with_reader(server, reader)


@fault("EVT-07", mistake="the response goes through a writer that is flushed when sixteen kilobytes are full")
def tails_buffered_by_size(server: Behaviour) -> Behaviour:
    """Envelopes come when sixteen kilobytes of them are together, or with the turn's last one."""

    def flow(_tail: Tail, sends: Sends) -> Sends:
        async def gathered() -> AsyncIterator[Frame | Signal]:
            waiting: list[Frame] = []
            async for item in sends:
                if not isinstance(item, Frame):
                    yield item
                    continue
                waiting.append(item)
                if item.entry["last"] == "1" or sum(len(frame.chunk) + 40 for frame in waiting) >= 16_384:
                    for frame in waiting:
                        yield frame
                    waiting.clear()

        return gathered()

    return with_flow(server, flow)
