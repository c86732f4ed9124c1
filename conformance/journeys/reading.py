"""Reads one answer within bounds: of time, of bytes, of frames, and of what the whole run may receive."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx

from conformance.journeys.limits import Limits
from conformance.journeys.tails import Progress, Until
from conformance.recording import Ending, Frame, Piece
from conformance.sse import EventDecoder, StreamTooLarge
from conformance.transport.decoding import BodyDecoder
from conformance.transport.intake import Intake


@dataclass
class Heard:
    """``at``: when the target was heard last, by any reader that shares this."""

    at: float


class Reader:
    """``pieces`` grows while it reads: what came before a break is evidence, too."""

    def __init__(self, limits: Limits, clock: Callable[[], float], intake: Intake, heard: Heard | None = None) -> None:
        self._limits = limits
        self._clock = clock
        self._intake = intake
        self.heard = heard or Heard(clock())

    async def body(self, response: httpx.Response, pieces: list[Piece]) -> Ending:
        """Read a body of bounded size within a bounded time; a slow drip is cut as well as a long body.

        :raises httpx.HTTPError: the connection broke, or the content is not coded as announced.
        """
        deadline = self._clock() + self._limits.answer_timeout
        decoder = BodyDecoder(_coding(response), self._limits.body_bytes)
        async for raw in self._chunks(response, deadline):
            room = self._take(decoder, raw, pieces)
            if not room or decoder.overflowed or len(pieces) > self._limits.answer_pieces:
                return "byte-limit"
            if self._clock() >= deadline:
                return "time-limit"
        return "complete" if self._clock() < deadline else "time-limit"

    async def tail(self, response: httpx.Response, pieces: list[Piece], until: Until) -> Ending:
        """Read a stream until it has given what it was opened for, or a bound is met, or the server ends it.

        :raises httpx.HTTPError: the connection broke, or the content is not coded as announced.
        """
        events = EventDecoder()
        decoder = BodyDecoder(_coding(response), self._limits.tail_bytes)
        progress = Progress(until, self._clock())
        stream = response.aiter_raw()
        goal_task = asyncio.create_task(until.goal.event.wait()) if until.goal else None
        next_task: asyncio.Task[bytes | None] | None = None
        try:
            while True:
                if next_task is None:
                    next_task = asyncio.create_task(_next(stream))
                due, ending = progress.due(self._clock())
                waiting: set[asyncio.Task[Any]] = {next_task}
                if goal_task is not None and not goal_task.done():
                    waiting.add(goal_task)
                timeout = max(0.0, due - self._clock())
                done, _ = await asyncio.wait(waiting, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
                if not done:
                    if progress.goes_on(due, self.heard.at):
                        continue
                    return ending
                if next_task not in done:
                    if (met := progress.satisfied()) is not None:
                        return met
                    continue
                raw = next_task.result()
                next_task = None
                if raw is None:
                    return "terminal" if progress.error_at is not None and until.endings else "closed"
                room = self._take(decoder, raw, pieces)
                now = self._clock()
                try:
                    frames = [Frame(now, event) for event in events.feed(pieces[-1].data)] if pieces else []
                except StreamTooLarge:
                    return "byte-limit"
                room = self._intake.take_frames(len(frames)) and room
                met = progress.take(frames)
                if met is not None:
                    return met
                if progress.frames > self._limits.tail_frames or len(pieces) > self._limits.answer_pieces:
                    return "frame-limit"
                if decoder.overflowed or not room:
                    return "byte-limit"
                due, ending = progress.due(now)
                if now >= due:  # bytes that never pause would put off the look at the clock for ever
                    return ending
        finally:
            for task in (next_task, goal_task):
                await cancelled(task)

    def _take(self, decoder: BodyDecoder, raw: bytes, pieces: list[Piece]) -> bool:
        """Decode and keep; whether the run has room for more. An empty piece counts, too."""
        self.heard.at = self._clock()
        data = self._intake.take(decoder.feed(raw))
        pieces.append(Piece(self._clock(), data))
        return not self._intake.full

    async def _chunks(self, response: httpx.Response, deadline: float) -> AsyncIterator[bytes]:
        stream = response.aiter_raw()
        while True:
            try:
                yield await asyncio.wait_for(anext(stream), max(0.0, deadline - self._clock()))
            except (StopAsyncIteration, asyncio.TimeoutError):
                return


async def cancelled(task: asyncio.Task[Any] | None) -> None:
    """End a task that nobody waits for any more."""
    if task is not None and not task.done():
        task.cancel()
        with suppress(asyncio.CancelledError, httpx.HTTPError):
            await task


def _coding(response: httpx.Response) -> str:
    return ",".join(response.headers.get_list("content-encoding"))


async def _next(stream: AsyncIterator[bytes]) -> bytes | None:
    """The next bytes; None when the server has ended the stream."""
    return await anext(stream, None)
