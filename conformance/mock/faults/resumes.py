"""Reconnects and second tails: what is lost, repeated or told otherwise there alone (CUR-07, CUR-08)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

from redis.asyncio import Redis

from conformance.mock.behaviour import Behaviour, Json, Sends
from conformance.mock.faults.registry import fault
from conformance.mock.ids import FIRST_EVENT, just_before, split_event_id
from conformance.mock.messages import Submission
from conformance.mock.notices import Entry
from conformance.mock.positions import events_after, tier_of, turns_of, turns_running
from conformance.mock.sse import Frame, Signal
from conformance.mock.tail import Asked, Tail
from conformance.mock.wrapping import with_accepted, with_reader, with_start

Within = Callable[[Redis, str, str, list[Entry]], Awaitable[str]]
"""Client, session, the turn, and the events behind the cursor, the first of them of that turn; gives where to begin."""


def _resumed_within_a_turn(server: Behaviour, change: Within) -> Behaviour:
    """Where a tail begins whose cursor is an event of a turn that has more of them behind it."""

    async def start(client: Redis, session: str, asked: Asked, after: str) -> str:
        given = asked.since or asked.header
        before = await events_after(client, session, just_before(after)) if given and after != FIRST_EVENT else []
        if len(before) < 2 or before[0][0] != after or before[1][1]["turn"] != before[0][1]["turn"]:
            return after
        return await change(client, session, before[0][1]["turn"], before)

    return with_start(server, start)


@fault("CUR-07", mistake="the position is counted from one here and from zero there")
def one_event_lost_at_a_resume(server: Behaviour) -> Behaviour:
    """A reconnect within a turn begins with the next event but one."""

    async def change(_client: Redis, _session: str, _turn: str, events: list[Entry]) -> str:
        return events[1][0]

    return _resumed_within_a_turn(server, change)


@fault("CUR-07", mistake="to be on the safe side the last event is sent once more after a reconnect")
def one_event_repeated_at_a_resume(server: Behaviour) -> Behaviour:
    """A reconnect within a turn begins with the event whose id was given."""

    async def change(_client: Redis, _session: str, _turn: str, events: list[Entry]) -> str:
        return just_before(events[0][0])

    return _resumed_within_a_turn(server, change)


@fault("CUR-07", mistake="a reconnect is served the running message from its start, as a chat that is loaded anew")
def resume_begins_the_turn_again(server: Behaviour) -> Behaviour:
    """A reconnect within a turn begins with the turn's first event."""

    async def change(client: Redis, session: str, turn: str, _events: list[Entry]) -> str:
        events = await events_after(client, session)
        return next(just_before(event) for event, entry in events if entry["turn"] == turn)

    return _resumed_within_a_turn(server, change)


@fault(
    "CUR-07", mistake="a cache of positions that holds the first hundred entries of a session is off by one behind them"
)
def event_lost_at_a_resume_of_the_fourth_turn(server: Behaviour) -> Behaviour:
    """A reconnect within a session's fourth turn, and in no other, begins with the next event but one."""

    async def change(client: Redis, session: str, turn: str, events: list[Entry]) -> str:
        return events[(await turns_of(client, session)).index(turn) == 3][0]

    return _resumed_within_a_turn(server, change)


@fault(
    "CUR-07", mistake="the strong model's turns are kept in another store, whose range is inclusive at the wrong end"
)
def event_lost_at_a_resume_of_a_smart_turn(server: Behaviour) -> Behaviour:
    """A reconnect within a SMART turn begins with the next event but one."""

    async def change(client: Redis, _session: str, turn: str, events: list[Entry]) -> str:
        return events[await tier_of(client, turn) == "SMART"][0]

    return _resumed_within_a_turn(server, change)


@fault("CUR-07", mistake="turns with attachments are written by an older worker, which numbers their events from one")
def event_lost_at_a_resume_with_attachments(server: Behaviour) -> Behaviour:
    """A reconnect within a turn that has attachments begins with the next event but one."""
    attached: set[str] = set()

    async def note(_client: Redis, _session: str, submission: Submission, data: Json) -> Json:
        if submission.attachments:
            attached.add(data["chat_turn_id"])
        return data

    async def change(_client: Redis, _session: str, turn: str, events: list[Entry]) -> str:
        return events[turn in attached][0]

    return _resumed_within_a_turn(with_accepted(server, note), change)


@fault(
    "CUR-07", mistake="the position is taken when the connection is accepted, and the client's id is looked at too late"
)
def event_lost_at_a_resume_while_the_turn_runs(server: Behaviour) -> Behaviour:
    """A reconnect within a running turn begins with the next event but one; when the turn has ended it does not."""

    async def change(client: Redis, session: str, _turn: str, events: list[Entry]) -> str:
        return events[bool(await turns_running(client, session))][0]

    return _resumed_within_a_turn(server, change)


def _past_retold(server: Behaviour, retell: Callable[[list[Frame]], list[Frame]]) -> Behaviour:
    """Of a session in which no turn runs, what a tail replays is told otherwise."""

    def reader(client: Redis, tail: Tail, read: Callable[[Tail], Sends]) -> Sends:
        async def sends() -> AsyncIterator[Frame | Signal]:
            after = tail.after
            yield "opening"
            if not await turns_running(client, tail.session):
                past = [Frame(event, e["chunk"], e) for event, e in await events_after(client, tail.session, after)]
                for frame in retell(past):
                    yield frame
                after = past[-1].event or after if past else after
            async for item in read(replace(tail, after=after)):
                if item != "opening":
                    yield item

        return sends()

    return with_reader(server, reader)


@fault("CUR-08", "CUR-07", mistake="the history is read into a map that is keyed by the time of an event")
def equal_milliseconds_collapsed_in_a_replay(server: Behaviour) -> Behaviour:
    """Of a turn that is over, only the last event of each millisecond is replayed."""

    def retell(past: list[Frame]) -> list[Frame]:
        return list({split_event_id(frame.event or "0-0")[0]: frame for frame in past}.values())

    return _past_retold(server, retell)


@fault("CUR-08", "CUR-07", mistake="a job compacts the deltas of a turn that is over, to save memory")
def deltas_merged_in_a_replay(server: Behaviour) -> Behaviour:
    """Of a turn that is over, neighbouring text deltas are replayed as one, under the last one's id."""

    def retell(past: list[Frame]) -> list[Frame]:
        told: list[Frame] = []
        for frame in past:
            chunk = json.loads(frame.chunk)
            before = json.loads(told[-1].chunk) if told else {}
            if chunk["type"] == before.get("type") == "text-delta" and chunk["id"] == before["id"]:
                chunk["delta"] = before["delta"] + chunk["delta"]
                frame = replace(frame, chunk=json.dumps(chunk, ensure_ascii=False))
                told.pop()
            told.append(frame)
        return told

    return _past_retold(server, retell)


@fault("CUR-08", "CUR-07", mistake="the reasoning is kept out of what is persisted")
def reasoning_left_out_of_a_replay(server: Behaviour) -> Behaviour:
    """Of a turn that is over, the reasoning is not replayed."""
    return _past_retold(server, lambda past: [f for f in past if '"type":"reasoning-' not in f.chunk])


@fault("CUR-08", "CUR-07", mistake="a second replay is served from a database whose rows have ids of their own")
def ids_differ_in_a_second_replay(server: Behaviour) -> Behaviour:
    """Of a turn that is over, each event is replayed under its id with 500 added to the sequence number."""

    def other(frame: Frame) -> Frame:
        milliseconds, sequence = split_event_id(frame.event or "0-0")
        return replace(frame, event=f"{milliseconds}-{sequence + 500}")

    return _past_retold(server, lambda past: [other(frame) for frame in past])
