"""One blocking read for all tails of a process: it hears of every write, and passes it on to the tails of that session.

A tail that is served slowly is in nobody's way. What is passed on to it waits in a short queue; when that overflows, the
tail goes back to its session's stream and reads on from its cursor, as it does when it begins and after an outage.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Sequence
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from conformance.mock.ids import FIRST_EVENT
from conformance.mock.notices import Entry, Notice, read_notice
from conformance.mock.store import WRITTEN, entries_of, stream_key, text
from conformance.mock.waiting import wait_at_most

_BLOCK_MS: Final = 500
_BATCH: Final = 512
"""Notices of one read."""
_PAGE: Final = 200
"""Events that a tail reads from its stream at a time."""
_QUEUE: Final = 64
"""Notices that wait for one tail."""
_LOOK_SECONDS: Final = 5.0
"""A tail that hears nothing looks at its stream that often, whatever became of the notices."""
PATIENCE_SECONDS: Final = 2.0
"""How long a store may be away before the tails end; clients come back with the id that they received last."""
_RETRY_SECONDS: Final = 0.1
_READY_SECONDS: Final = 0.002

logger = logging.getLogger(__name__)


class Place:
    """Where one tail is in its session's stream. :meth:`more` gives what comes after it, in order and once."""

    def __init__(self, listener: Listener, session: str, after: str) -> None:
        self._listener = listener
        self._stream = stream_key(session)
        self._after = after
        self.notices: deque[Notice] = deque()
        """What was heard and not read yet, the oldest first."""
        self._behind = True
        self._woken = asyncio.Event()
        self._looked = time.monotonic()
        self._lost: RedisError | None = None

    def hear(self, notice: Notice) -> None:
        """Take a notice of this session, without waiting."""
        if len(self.notices) >= _QUEUE:
            self.fall_behind()
            return
        self.notices.append(notice)
        self._woken.set()

    def fall_behind(self) -> None:
        """Forget what was heard: the stream has it."""
        self.notices.clear()
        self._behind = True
        self._woken.set()

    def lose(self, error: RedisError) -> None:
        """End with that error."""
        self._lost = error
        self._woken.set()

    def wake(self) -> None:
        """Let :meth:`more` return soon."""
        self._woken.set()

    async def more(self, seconds: float) -> Sequence[Entry]:
        """The next events, or none when there were none for so long or the server stops.

        :raises RedisError: the store is away.
        """
        ends = time.monotonic() + seconds
        while True:
            if self._lost is not None:
                raise self._lost
            self._woken.clear()
            found = await self._read() if self._behind else self._heard()
            if found:
                self._after = found[-1][0]
                return found
            if self._behind:
                continue
            now = time.monotonic()
            if now >= ends or self._listener.stopped:
                return ()
            looks = self._looked + _LOOK_SECONDS
            await wait_at_most(self._woken, min(ends, looks) - now)
            if time.monotonic() >= looks:
                self._behind = True

    def _heard(self) -> Sequence[Entry]:
        while self.notices:
            found = self.notices.popleft().after(self._after)
            if found is None:
                self._behind = True
                return ()
            if found:
                return found
        return ()

    async def _read(self) -> Sequence[Entry]:
        await self._listener.listening()
        # Before the read: what is written meanwhile is heard of, and what is heard of twice is known by its id.
        self._behind = False
        self._looked = time.monotonic()
        found: Sequence[Entry] = await self._listener.read(self._stream, self._after, _PAGE)
        self._behind = self._behind or len(found) == _PAGE
        return found


class Listener:
    """Reads the notices, once for all tails of this process, while there are any.

    :param stopping: set when the process is asked to stop; then every tail ends.
    """

    def __init__(self, client: Redis, stopping: asyncio.Event) -> None:
        self._client = client
        self._stopping = stopping
        self._places: dict[str, set[Place]] = {}
        self._wanted = asyncio.Event()
        self._at: str | None = None
        """The newest notice that was read; None while nobody listens."""

    @property
    def stopped(self) -> bool:
        """Whether the process is asked to stop."""
        return self._stopping.is_set()

    def enter(self, session: str, after: str) -> Place:
        """A tail begins behind that event; it has to :meth:`leave`."""
        place = self.place(session, after)
        self._places.setdefault(session, set()).add(place)
        self._wanted.set()
        return place

    def place(self, session: str, after: str) -> Place:
        """The place of a new tail behind that event."""
        return Place(self, session, after)

    def leave(self, session: str, place: Place) -> None:
        """A tail has ended."""
        there = self._places.get(session, set())
        there.discard(place)
        if not there:
            self._places.pop(session, None)

    async def listening(self) -> None:
        """Wait until everything that is written from now on will be heard of.

        :raises RedisError: the store is away, and was before.
        """
        ends = time.monotonic() + PATIENCE_SECONDS
        pause = _READY_SECONDS
        while self._at is None and not self.stopped:
            if time.monotonic() >= ends:
                raise RedisConnectionError("the notices cannot be read")
            await asyncio.sleep(pause)
            pause = min(2 * pause, _RETRY_SECONDS)

    async def read(self, stream: str, after: str, count: int) -> Sequence[Entry]:
        """Events of a stream strictly after that one; patient with a store that is away for a moment.

        :raises RedisError: it stays away.
        """
        ends = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                found: Any = await self._client.xrange(stream, f"({after}", "+", count=count)
            except RedisError:
                if time.monotonic() >= ends:
                    raise
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                return [(text(event), entry) for event, entry in found]

    async def run(self) -> None:
        """Read until the process stops. The store may go away and come back meanwhile."""
        ending = asyncio.create_task(self._end())
        away_since: float | None = None
        while not self.stopped:
            try:
                await self._listen()
            except RedisError as error:
                away_since = away_since or time.monotonic()
                if time.monotonic() - away_since >= PATIENCE_SECONDS:
                    self._at = None
                    for place in self._all():
                        place.lose(error)
                await asyncio.sleep(_RETRY_SECONDS)
            except Exception:
                # No tail depends on being told: each looks at its stream now and then.
                logger.exception("the notices cannot be read; trying again")
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                away_since = None
        await ending

    async def _end(self) -> None:
        await self._stopping.wait()
        self._wanted.set()
        for place in self._all():
            place.wake()

    async def _listen(self) -> None:
        if not self._places:
            self._at = None
            self._wanted.clear()
            await self._wanted.wait()
            return
        if self._at is None:
            newest: Any = await self._client.xrevrange(WRITTEN, count=1)
            self._at = text(newest[0][0]) if newest else FIRST_EVENT
        heard = entries_of(await self._client.xread({WRITTEN: self._at}, count=_BATCH, block=_BLOCK_MS))
        for number, fields in heard:
            self._at = number
            places = self._places.get(fields["session"])
            if places:
                self.pass_on(fields["session"], tuple(places), read_notice(fields["notice"]))

    def pass_on(self, session: str, places: Sequence[Place], notice: Notice) -> None:
        """Tell the tails of a session what was written to it."""
        del session
        for place in places:
            place.hear(notice)

    def _all(self) -> list[Place]:
        return [place for places in self._places.values() for place in places]
