"""Tails of a crowd: what goes wrong with them only while many sessions are at work at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from itertools import count
from typing import Final

from redis.asyncio import Redis

from conformance.mock.behaviour import Behaviour, Sends
from conformance.mock.crowds import Crowd, with_crowd
from conformance.mock.faults.registry import fault
from conformance.mock.ids import split_event_id
from conformance.mock.listening import Listener, Place
from conformance.mock.notices import Entry, Notice
from conformance.mock.sse import Frame, Signal
from conformance.mock.store import stream_key
from conformance.mock.tail import Asked, Tail
from conformance.mock.wrapping import with_flow, with_frames, with_start

_KEPT: Final = 3
_QUEUED: Final = 2
_LATE_SECONDS: Final = 0.2
_SEQUENCES: Final = 12
_UNWOKEN: Final = 40

Open = Callable[[Listener, str, str], Place]


def _placed(server: Behaviour, opened: Open) -> Behaviour:
    """The tails of a process are given other places in their streams."""

    class Placing(Listener):
        def place(self, session: str, after: str) -> Place:
            return opened(self, session, after)

    return replace(server, listener=Placing)


@fault(
    "CUR-02",
    "CUR-07",
    under_load=True,
    mistake="one bound of memory for the streams of all sessions: a new reader makes room by trimming what it reads",
)
def stream_trimmed_under_volume(server: Behaviour) -> Behaviour:
    """While a crowd is served, a session's stream keeps three events of what was written before a tail is opened."""
    noted, crowd = with_crowd(server)

    async def start(client: Redis, session: str, _asked: Asked, after: str) -> str:
        if crowd.there:
            await client.xtrim(stream_key(session), maxlen=_KEPT, approximate=False)
        return after

    return with_start(noted, start)


@fault(
    "CUR-02",
    "CUR-08",
    "EVT-04",
    under_load=True,
    mistake="a queue for each consumer that drops its oldest member when it is full, so that nobody has to wait",
)
def slow_tail_loses_frames(server: Behaviour) -> Behaviour:
    """While a crowd is served, tails are served late, and of what is written meanwhile the oldest is dropped."""
    noted, crowd = with_crowd(server)

    class Dropping(Place):
        def hear(self, notice: Notice) -> None:
            if crowd.there and len(self.notices) >= _QUEUED:
                # The next one follows what the lost one followed, so nobody can tell that there is a gap.
                lost, following = self.notices.popleft(), self.notices.popleft()
                self.notices.appendleft(Notice(lost.before, following.entries))
            super().hear(notice)

        async def more(self, seconds: float) -> Sequence[Entry]:
            found = await super().more(seconds)
            if found and crowd.there:
                await asyncio.sleep(_LATE_SECONDS)
            return found

    return _placed(noted, Dropping)


@fault(
    "EVT-04",
    "CUR-08",
    "CUR-09",
    under_load=True,
    mistake="a buffer of what is to be sent, under the millisecond as its key, and the session is not part of it",
)
def one_buffer_for_a_millisecond(server: Behaviour) -> Behaviour:
    """While a crowd is served, of two sessions that write in one millisecond the second gets an envelope of the first."""
    noted, crowd = with_crowd(server)

    class Mixing(Listener):
        written: tuple[str, Notice] | None = None

        def pass_on(self, session: str, places: Sequence[Place], notice: Notice) -> None:
            before, self.written = self.written, (session, notice)
            if before is not None and before[0] != session and crowd.there and _one_moment(before[1], notice):
                foreign = before[1].entries[-1][1]["chunk"]
                (event, at), *rest = notice.entries
                notice = Notice(notice.before, [(event, {**at, "chunk": foreign}), *rest])
            super().pass_on(session, places, notice)

    return replace(noted, listener=Mixing)


def _one_moment(one: Notice, other: Notice) -> bool:
    return split_event_id(one.entries[-1][0])[0] == split_event_id(other.entries[0][0])[0]


@fault(
    "EVT-05",
    "CUR-02",
    under_load=True,
    mistake="the flag is cleared after the queue was looked at: what comes in between wakes nobody",
)
def lost_wake_up(server: Behaviour) -> Behaviour:
    """While a crowd is served, one in forty wake-ups is lost: that tail hears nothing more."""
    noted, crowd = with_crowd(server)
    numbers = count(1)

    class Sleeping(Place):
        asleep = False

        def hear(self, notice: Notice) -> None:
            self.asleep = self.asleep or (crowd.there and next(numbers) % _UNWOKEN == 0)
            if not self.asleep:
                super().hear(notice)

        async def more(self, seconds: float) -> Sequence[Entry]:
            found = await super().more(seconds)
            # Nor does it look at the stream by itself, as a tail does that waits for its flag alone.
            return () if self.asleep else found

    return _placed(noted, Sleeping)


@fault(
    "EVT-02",
    "CUR-07",
    under_load=True,
    mistake="the sequence numbers of all sessions come from one counter of a few bits, and it wraps within a millisecond",
)
def sequence_shared_and_wrapping(server: Behaviour) -> Behaviour:
    """While a crowd is served, the sequence number of an event id is counted for all sessions together, up to twelve."""
    noted, crowd = with_crowd(server)
    numbers = count()

    def change(_: Tail, frame: Frame) -> list[Frame]:
        if frame.event is None or "-" not in frame.event or not crowd.there:
            return [frame]
        milliseconds = frame.event.partition("-")[0]
        return [replace(frame, event=f"{milliseconds}-{next(numbers) % _SEQUENCES}")]

    return with_frames(noted, change)


@fault(
    "EVT-07",
    under_load=True,
    mistake="ten threads flush the tails; a tail beyond the tenth is flushed when its turn has ended",
)
def tails_of_a_crowd_not_flushed(server: Behaviour) -> Behaviour:
    """While a crowd is served, a tail's envelopes are held back until the turn has ended."""
    noted, crowd = with_crowd(server)
    return with_flow(noted, lambda _, sends: _held(crowd, sends))


def _held(crowd: Crowd, sends: Sends) -> Sends:
    async def flow() -> AsyncIterator[Frame | Signal]:
        held: list[Frame] = []
        async for item in sends:
            if not isinstance(item, Frame):
                yield item
                continue
            held.append(item)
            if not crowd.there or item.entry["last"] == "1":
                for frame in held:
                    yield frame
                held.clear()

    return flow()
