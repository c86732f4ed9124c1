"""Envelopes of another session (CUR-09)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Final

from redis.asyncio import Redis

from conformance.mock.behaviour import Behaviour, Json, Sends
from conformance.mock.faults.registry import fault
from conformance.mock.ids import just_before, split_event_id
from conformance.mock.messages import Submission
from conformance.mock.positions import events_after, turns_of
from conformance.mock.sse import Frame, Signal
from conformance.mock.tail import Tail
from conformance.mock.wrapping import with_accepted, with_frames, with_reader

_TICK_MS: Final = 16


def _follows_a_foreign_cursor(server: Behaviour, idle: bool) -> Behaviour:
    """A cursor that is no event of the session, but of another one, opens that one's stream."""
    sessions: list[str] = []

    async def note(_client: Redis, session: str, _submission: Submission, data: Json) -> Json:
        if session not in sessions:
            sessions.append(session)
        return data

    def reader(client: Redis, tail: Tail, read: Callable[[Tail], Sends]) -> Sends:
        async def sends() -> AsyncIterator[Frame | Signal]:
            shown = tail
            given = tail.asked.since or tail.asked.header
            if given and (not await turns_of(client, tail.session)) is idle:
                for session in (tail.session, *sessions):
                    if any(event == given for event, _ in await events_after(client, session, just_before(tail.after))):
                        shown = replace(tail, session=session)
                        break
            async for item in read(shown):
                yield item

        return sends()

    return with_reader(with_accepted(server, note), reader)


@fault("CUR-09", mistake="events are looked up by their id alone in one table of all sessions")
def foreign_cursor_opens_the_other_session_on_an_idle_one(server: Behaviour) -> Behaviour:
    """On a session without turns, another session's cursor opens that one's stream."""
    return _follows_a_foreign_cursor(server, idle=True)


@fault("CUR-09", mistake="a reconnect is routed by the stream in which its event id is found first")
def foreign_cursor_opens_the_other_session_on_a_used_one(server: Behaviour) -> Behaviour:
    """On a session that has had turns, another session's cursor opens that one's stream."""
    return _follows_a_foreign_cursor(server, idle=False)


@fault("CUR-09", mistake="frames are fanned out in a process by the tick of its timer")
def frames_of_another_session_in_the_same_tick(server: Behaviour) -> Behaviour:
    """A tail also has the first envelope of another session that was written within 16 ms of one of its own."""
    written: dict[int, tuple[str, Frame]] = {}

    def change(tail: Tail, frame: Frame) -> list[Frame]:
        tick = split_event_id(frame.event or "0-0")[0] // _TICK_MS
        session, first = written.setdefault(tick, (tail.session, frame))
        return [frame] if session == tail.session else [frame, first]

    return with_frames(server, change)


@fault("CUR-09", mistake="the channel to publish on is named by the tenant")
def idle_session_shows_the_tenants_frames(server: Behaviour) -> Behaviour:
    """A tail of a session without turns shows what is written in the session that posted last."""
    posted: list[str] = []

    async def note(_client: Redis, session: str, _submission: Submission, data: Json) -> Json:
        posted.append(session)
        return data

    def reader(client: Redis, tail: Tail, read: Callable[[Tail], Sends]) -> Sends:
        async def sends() -> AsyncIterator[Frame | Signal]:
            idle = not await turns_of(client, tail.session)
            async for item in read(replace(tail, session=posted[-1]) if idle and posted else tail):
                yield item

        return sends()

    return with_reader(with_accepted(server, note), reader)
