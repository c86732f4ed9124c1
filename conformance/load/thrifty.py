"""Reading a tail and redacting at little cost: under load both are done some thousand times a second.

What is read, when a tail ends, and what is taken out are the same as in ``journeys.reading`` and ``redaction``: only how the
reader waits is another (no task for each piece of a stream), and a text that was looked through once is known.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from typing import Any, Final

import httpx

from conformance.journeys.reading import Reader, cancelled
from conformance.journeys.tails import Progress, Until
from conformance.recording import Ending, Frame, Piece
from conformance.redaction import Redactor
from conformance.sse import EventDecoder, StreamTooLarge
from conformance.transport.decoding import BodyDecoder

TEXTS_MOST: Final = 4_096
TEXT_MOST: Final = 200
"""Characters of a text that is remembered: a name or a value of a header."""


class RememberingRedactor(Redactor):
    """Most headers are the same in every answer."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        super().__init__(secrets)
        self._known: dict[str, str] = {}

    def copied(self) -> RememberingRedactor:
        """One that has learnt no signatures yet, and knows the same texts."""
        copy = RememberingRedactor.__new__(RememberingRedactor)
        copy.__dict__.update(self.__dict__)
        copy._learnt = {}
        return copy

    def learn_signatures(self, body: bytes) -> None:
        before = len(self._learnt)
        super().learn_signatures(body)
        if len(self._learnt) != before:
            self._known = {}  # its own from here on: what was harmless may hold a signature now

    def text(self, text: str) -> str:
        if len(text) > TEXT_MOST:
            return super().text(text)
        known = self._known
        found = known.get(text)
        if found is None:
            if len(known) >= TEXTS_MOST:
                known.clear()
            found = known[text] = super().text(text)
        return found


class ThriftyReader(Reader):
    """A reader whose tails have one timer each, which is set anew only when it has run out."""

    async def tail(self, response: httpx.Response, pieces: list[Piece], until: Until) -> Ending:
        """As ``Reader.tail``."""
        progress = Progress(until, self._clock())
        watch = _Watch(progress, self)
        goal = asyncio.create_task(watch.wait_for_goal()) if until.goal is not None else None
        try:
            if not watch.arm():
                return watch.ending or "time-limit"
            return await self._read(response, pieces, progress, watch)
        except asyncio.CancelledError:
            ending = watch.ending
            if ending is None:
                raise
            watch.taken()
            return ending
        finally:
            watch.close()
            await cancelled(goal)

    async def _read(self, response: httpx.Response, pieces: list[Piece], progress: Progress, watch: _Watch) -> Ending:
        limits, until = self._limits, progress.until
        events = EventDecoder()
        decoder = BodyDecoder(",".join(response.headers.get_list("content-encoding")), limits.tail_bytes)
        async for raw in response.aiter_raw():
            if watch.ending is not None:
                return watch.ending
            room = self._take(decoder, raw, pieces)
            now = self._clock()
            try:
                frames = [Frame(now, event) for event in events.feed(pieces[-1].data)]
            except StreamTooLarge:
                return "byte-limit"
            room = self._intake.take_frames(len(frames)) and room
            met = progress.take(frames)
            if met is not None:
                return met
            if progress.frames > limits.tail_frames or len(pieces) > limits.answer_pieces:
                return "frame-limit"
            if decoder.overflowed or not room:
                return "byte-limit"
            due, ending = progress.due(now)
            if now >= due:
                return ending
            watch.not_later_than(due)
        return "terminal" if progress.error_at is not None and until.endings else "closed"

    def now(self) -> float:
        return self._clock()


class _Watch:
    """Ends the reading when its time has come. ``ending``: how, once that is so."""

    def __init__(self, progress: Progress, reader: ThriftyReader) -> None:
        self.ending: Ending | None = None
        self._progress = progress
        self._reader = reader
        self._task: asyncio.Task[Any] | None = asyncio.current_task()
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._due = math.inf
        self._closed = False

    def arm(self) -> bool:
        """Set the timer to when the tail ends if nothing more comes; False, with ``ending``, where that is now."""
        due, ending = self._progress.due(self._reader.now())
        while (left := due - self._reader.now()) <= 0:
            if not self._progress.goes_on(due, self._reader.heard.at):
                self.ending = ending
                return False
            due, ending = self._progress.due(self._reader.now())
        self._set(due, left)
        return True

    def _look(self) -> None:
        """The timer has run out."""
        if not self._closed and not self.arm():
            self._cancel()

    def not_later_than(self, due: float) -> None:
        """An earlier end than the timer is set to needs it set anew; for a later one it looks again when it runs out."""
        if due < self._due - 0.001:
            self._set(due, max(0.0, due - self._reader.now()))

    def _set(self, due: float, left: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._due = due
        self._timer = self._loop.call_later(left, self._look)

    async def wait_for_goal(self) -> None:
        """The goal is reached elsewhere: what was read may be enough, and the tail ends sooner if not."""
        goal = self._progress.until.goal
        assert goal is not None
        await goal.event.wait()
        if self._closed:
            return
        met = self._progress.satisfied()
        if met is None:
            self._look()
        elif self.ending is None:
            self.ending = met
            self._cancel()

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def taken(self) -> None:
        """The cancellation was this one's own, and nobody else is to think otherwise."""
        if self._task is not None and hasattr(self._task, "uncancel"):
            self._task.uncancel()

    def close(self) -> None:
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
