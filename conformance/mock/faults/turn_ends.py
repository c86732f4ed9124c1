"""How a turn ends on a tail (EVT-05, EVT-06)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from redis.asyncio import Redis

from conformance.mock.behaviour import Behaviour, Sends
from conformance.mock.faults.registry import fault
from conformance.mock.ids import just_before, split_event_id
from conformance.mock.positions import events_after, newest_event, turns_of, turns_running
from conformance.mock.script import Chunk, Step, Turn
from conformance.mock.sse import Frame, Signal
from conformance.mock.tail import Tail
from conformance.mock.wrapping import with_chunks, with_flow, with_frames, with_reader, with_steps


def _kept(_turn: Turn, chunk: Chunk) -> list[Chunk]:
    """All but the terminal envelope."""
    return [] if chunk["type"] in ("finish", "abort", "error") else [chunk]


@fault("EVT-05", mistake="the worker returns when the model's stream has ended, and nobody writes the finish")
def no_terminal_envelope(server: Behaviour) -> Behaviour:
    """A turn has no terminal envelope; its tail stays open."""
    return with_chunks(server, _kept)


@fault("EVT-05", mistake="the strong model's adapter has no event for the end of the message")
def no_terminal_envelope_in_smart_turns(server: Behaviour) -> Behaviour:
    """A SMART turn has no terminal envelope."""
    return with_chunks(server, lambda turn, chunk: _kept(turn, chunk) if turn.tier == "SMART" else [chunk])


@fault("EVT-05", mistake="the sentinel [DONE] was thought to be the end", done=True)
def done_in_place_of_a_terminal_envelope(server: Behaviour) -> Behaviour:
    """A turn ends with finish-step and the sentinel, and without a finish."""
    return with_chunks(server, _kept)


@fault(
    "EVT-05", mistake="the tail is closed when the turn's row says 'done', and the last write is not flushed by then"
)
def closed_before_the_terminal_envelope(server: Behaviour) -> Behaviour:
    """A tail is closed where the terminal envelope would come, and that envelope is never sent."""

    def flow(_tail: Tail, sends: Sends) -> Sends:
        async def cut() -> AsyncIterator[Frame | Signal]:
            async for item in sends:
                if isinstance(item, Frame) and item.entry["last"] == "1":
                    return
                yield item

        return cut()

    return with_flow(server, flow)


@fault("EVT-05", mistake="the end of a step is taken for the end of the turn")
def closed_at_the_end_of_a_step(server: Behaviour) -> Behaviour:
    """A tail is closed behind the first finish-step that it sends while the turn runs, and so is every reconnect."""

    def reader(client: Redis, tail: Tail, read: Callable[[Tail], Sends]) -> Sends:
        async def sends() -> AsyncIterator[Frame | Signal]:
            stepped = False
            before = await events_after(client, tail.session, just_before(tail.after))
            async for item in read(tail):
                if isinstance(item, Frame) and stepped:
                    return
                yield item
                stepped = isinstance(item, Frame) and '"type":"finish-step"' in item.chunk
                if item == "opening" and before and before[0][0] == tail.after and before[0][1]["last"] == "0":
                    stepped = '"type":"finish-step"' in before[0][1]["chunk"]

        return sends()

    return with_reader(server, reader)


@fault("EVT-05", mistake="the end is sent to subscribers only, and never written to the stream")
def terminal_envelope_only_live(server: Behaviour) -> Behaviour:
    """A tail that is opened when the turn has ended does not get its terminal envelope."""

    def reader(client: Redis, tail: Tail, read: Callable[[Tail], Sends]) -> Sends:
        async def sends() -> AsyncIterator[Frame | Signal]:
            late = set(await turns_of(client, tail.session)) if not await turns_running(client, tail.session) else set()
            async for item in read(tail):
                if not (isinstance(item, Frame) and item.entry["last"] == "1" and item.entry["turn"] in late):
                    yield item

        return sends()

    return with_reader(server, reader)


@fault("EVT-05", mistake="the reconnecting branch ends its loop one entry early")
def terminal_envelope_missing_by_header(server: Behaviour) -> Behaviour:
    """A tail that is opened by Last-Event-Id has no terminal envelope."""

    def change(tail: Tail, frame: Frame) -> list[Frame]:
        return [] if tail.asked.header and frame.entry["last"] == "1" else [frame]

    return with_frames(server, change)


@fault("EVT-05", mistake="a list of turns in flight holds two, and the third one's end is dropped")
def no_terminal_envelope_in_the_third_turn(server: Behaviour) -> Behaviour:
    """The third turn of a session has no terminal envelope."""
    seen: dict[str, list[str]] = {}

    def change(turn: Turn, script: list[Step]) -> list[Step]:
        turns = seen.setdefault(turn.session, [])
        if turn.id not in turns:
            turns.append(turn.id)
        if turns.index(turn.id) != 2:
            return script
        cut = [replace(step, chunks=tuple(c for c in step.chunks if _kept(turn, c))) for step in script]
        return [step for step in cut if step.chunks]

    return with_steps(server, change)


@fault("EVT-05", mistake="a job retries the model for ever, and each try writes a delta")
def turn_trickles_for_ever(server: Behaviour) -> Behaviour:
    """Behind the text of a turn deltas trickle on, and no end comes."""

    def flow(_tail: Tail, sends: Sends) -> Sends:
        async def trickle() -> AsyncIterator[Frame | Signal]:
            async for item in sends:
                if not isinstance(item, Frame) or item.entry["last"] != "1":
                    yield item
                    continue
                milliseconds, sequence = split_event_id(item.event or "0-0")
                delta = {"type": "data-progress", "data": {"still": "working"}}
                for number in range(10_000):
                    yield replace(item, event=f"{milliseconds}-{sequence + number}", chunk=json.dumps(delta))
                    await asyncio.sleep(0.2)

        return trickle()

    return with_flow(server, flow)


def _behind_the_end(server: Behaviour, *more: Chunk, pause: int = 0) -> Behaviour:
    """Envelopes that are written behind the terminal one, after so many times the pace of a turn."""

    def change(_turn: Turn, script: list[Step]) -> list[Step]:
        return [*script, *(Step((), final=True) for _ in range(pause)), Step(more, final=True)]

    return with_steps(server, change)


@fault("EVT-06", mistake="both the agent and the workflow around it write the end")
def finish_twice_at_once(server: Behaviour) -> Behaviour:
    """The terminal envelope of a turn is written twice in one go."""

    def change(_turn: Turn, chunk: Chunk) -> list[Chunk]:
        return [chunk, dict(chunk)] if chunk["type"] == "finish" else [chunk]

    return with_chunks(server, change)


@fault("EVT-06", mistake="the workflow's own completion writes the end again, when its billing step is over")
def finish_twice_late(server: Behaviour) -> Behaviour:
    """The terminal envelope of a turn is written once more a moment later."""
    return _behind_the_end(server, {"type": "finish", "finishReason": "stop"}, pause=15)


@fault("EVT-06", mistake="the clean-up of every turn aborts what runs, and does not look whether it does")
def abort_after_the_finish(server: Behaviour) -> Behaviour:
    """Behind the finish of a turn comes an abort."""
    return _behind_the_end(server, {"type": "abort", "reason": "The worker was stopped."})


@fault("EVT-06", mistake="the sources are looked up when the text is complete, and are late")
def sources_after_the_finish(server: Behaviour) -> Behaviour:
    """Behind the finish of a turn comes a source."""
    return _behind_the_end(server, {"type": "source-url", "sourceId": "late", "url": "https://example.com/late"})


@fault("EVT-06", mistake="a client that reconnects after the end is told the end once more, to be helpful")
def finish_again_at_a_reconnect(server: Behaviour) -> Behaviour:
    """A tail from the last id of a turn, when no turn runs, gets a finish under a new id."""

    def reader(client: Redis, tail: Tail, read: Callable[[Tail], Sends]) -> Sends:
        async def sends() -> AsyncIterator[Frame | Signal]:
            running = await turns_running(client, tail.session)
            given = bool(tail.asked.since or tail.asked.header)
            newest = await newest_event(client, tail.session)
            async for item in read(tail):
                yield item
                if item == "opening" and given and not running and tail.after == newest:
                    milliseconds, sequence = split_event_id(newest)
                    yield Frame(f"{milliseconds}-{sequence + 1}", '{"type":"finish","finishReason":"stop"}')

        return sends()

    return with_reader(server, reader)
