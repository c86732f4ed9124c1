"""The runner of turns: takes them from the queue in the store, and survives the store and its own process.

Turns wait in lanes (a lane is a session; under the policy "parallel" it is a turn). A runner leases a lane, plays its
first turn step by step, and takes the turn out of the lane in the same transaction that writes the last step. So a
runner that dies leaves the turn where it is, with the number of the steps that are written, and after the lease has
run out another runner goes on from there.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
import uuid
from collections.abc import Sequence
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import RedisError, WatchError

from conformance.mock.answers import encode
from conformance.mock.attempts import Command, attempt
from conformance.mock.behaviour import Behaviour
from conformance.mock.ids import FIRST_EVENT, split_event_id
from conformance.mock.messages import answer_message
from conformance.mock.notices import Entry, noticed
from conformance.mock.script import Step, Turn, answer_text, served_by
from conformance.mock.settings import RETENTION_SECONDS, STREAM_LENGTH
from conformance.mock.store import (
    LANES,
    active_key,
    begin,
    lane_key,
    lease_key,
    messages_key,
    stream_key,
    text,
    turn_key,
)
from conformance.mock.waiting import wait_at_most

LEASE_MS: Final = 2_000
"""Milliseconds after which the lane of a silent runner is free again."""
_POLL_SECONDS: Final = 0.1
_POLL_SECONDS_PER_LANE: Final = 0.002
"""The queue of a crowded server is looked at less often; its own messages are played at once all the same."""
_MOST_LANES: Final = 1_024
_ATTEMPTS: Final = 64
_STOP_ATTEMPTS: Final = 4
_FAILED: Final = (Step(({"type": "error", "errorText": "The turn has failed."},), final=True),)

logger = logging.getLogger(__name__)


class LeaseLost(Exception):  # noqa: N818 - an event of the lease, not an error
    """Another runner may have the lane by now; this one must not write any more."""


class TurnRunner:
    """Plays the turns of all sessions, many at a time, in the event loop that runs :meth:`run`."""

    def __init__(self, client: Redis, behaviour: Behaviour, turn_seconds: float) -> None:
        self._client = client
        self._behaviour = behaviour
        self._turn_seconds = turn_seconds
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        self._stopped = False

    def wake(self, session: str) -> None:
        """A turn of that session was put into the queue; one that nobody tells of is found there some time later."""
        if self._behaviour.policy.concurrency == "parallel":
            self._wake.set()
        elif not self._stopped:
            self._start(session)

    async def run(self) -> None:
        """Take lanes from the queue until :meth:`stop`. The store may go away and come back meanwhile."""
        while not self._stopped:
            self._wake.clear()
            pause = _POLL_SECONDS
            try:
                lanes = [text(lane) for lane in await self._client.zrange(LANES, 0, _MOST_LANES - 1)]
                pause += len(lanes) * _POLL_SECONDS_PER_LANE
                others = [lane for lane in lanes if lane not in self._lanes]
                leases = await self._client.mget(map(lease_key, others)) if others else ()
                for lane, lease in zip(others, leases, strict=True):
                    if lease is None:
                        self._start(lane)
            except RedisError:
                logger.warning("the queue of turns cannot be read; trying again")
            await wait_at_most(self._wake, pause)
        for _ in range(_STOP_ATTEMPTS):
            unfinished = [task for task in self._lanes.values() if not task.done()]
            if not unfinished:
                return
            for task in unfinished:
                task.cancel()
            await asyncio.wait(unfinished, timeout=0.5)

    def stop(self) -> None:
        """Let :meth:`run` return soon. Turns that are under way stay in the queue, for the next runner."""
        self._stopped = True
        self._wake.set()

    def _start(self, lane: str) -> None:
        if lane in self._lanes or len(self._lanes) >= _MOST_LANES:
            return
        task = asyncio.create_task(self._drain(lane))
        self._lanes[lane] = task
        task.add_done_callback(lambda _: self._lanes.pop(lane, None))

    async def _drain(self, lane: str) -> None:
        """Lease the lane and play its turns until it is empty."""
        token = uuid.uuid4().hex
        try:
            if not await self._client.set(lease_key(lane), token, nx=True, px=LEASE_MS):
                return
            while True:
                turn_id = await self._client.lindex(lane_key(lane), 0)
                if turn_id is not None:
                    await self._play(lane, token, text(turn_id))
                elif await self._retire(lane, token):
                    return
        except LeaseLost:
            logger.info("a lane went over to another runner")
        except RedisError:
            # The turn is still first in its lane, so nothing is lost; some runner comes back to it.
            logger.warning("the store failed during a turn; the turn goes on when it is back")
        except Exception:
            logger.exception("a turn failed")

    async def _retire(self, lane: str, token: str) -> bool:
        """Take an empty lane off the queue; False when a turn came in at the same moment."""
        async with self._client.pipeline(transaction=True) as pipe:
            await pipe.watch(lane_key(lane), lease_key(lane))
            if await pipe.get(lease_key(lane)) != token:
                raise LeaseLost
            if await pipe.llen(lane_key(lane)):
                return False
            begin(pipe)
            pipe.zrem(LANES, lane)
            pipe.delete(lease_key(lane))
            try:
                await pipe.execute()
            except WatchError:
                return False
        return True

    async def _play(self, lane: str, token: str, turn_id: str) -> None:
        stored: dict[Any, Any] = await self._client.hgetall(turn_key(turn_id))
        if not stored:
            # Its session is past its retention; there is nobody to play it to.
            await self._client.lrem(lane_key(lane), 1, turn_id)
            return
        turn = Turn(turn_id, stored["session"], stored["message_id"], stored["tier"], stored.get("asked", ""))
        try:
            await self._play_from(int(stored["written"]), lane, token, turn)
        except (LeaseLost, RedisError):
            raise
        except Exception:
            # Played again it would fail again, and its tails would wait for ever.
            logger.exception("a turn failed, and is ended")
            await self._write(lane, token, turn, _FAILED, 0)

    async def _play_from(self, first: int, lane: str, token: str, turn: Turn) -> None:
        """The steps of a turn from that one on, each at its time."""
        script = self._behaviour.steps(turn, self._behaviour.policy)
        pace = self._turn_seconds / max(1, len(script) - 1)
        started = time.monotonic() - first * pace
        for number in range(first, len(script)):
            started += script[number].pause
            await self._hold(lane, token, started + number * pace)
            await self._write(lane, token, turn, script, number)

    async def _hold(self, lane: str, token: str, until: float) -> None:
        """Wait for a moment of the monotonic clock, and keep the lease alive on the way."""
        while (left := until - time.monotonic()) > 0:
            await asyncio.sleep(min(left, LEASE_MS / 4_000))
            if left > LEASE_MS / 4_000:
                async with self._client.pipeline(transaction=True) as pipe:
                    pipe.get(lease_key(lane))
                    pipe.pexpire(lease_key(lane), LEASE_MS)
                    holder, _ = await pipe.execute()
                if holder != token:
                    raise LeaseLost

    async def _write(self, lane: str, token: str, turn: Turn, script: Sequence[Step], number: int) -> None:
        """Write one step: its envelopes, how far the turn is, and at its end all that an end means, atomically."""
        stream, lease = stream_key(turn.session), lease_key(lane)
        step, ends = script[number], number == len(script) - 1
        reads = (("GET", lease), ("TIME",), ("XREVRANGE", stream, "+", "-", "COUNT", 1))
        for _ in range(_ATTEMPTS):
            async with attempt(self._client, (lease, stream), reads) as one:
                holder, clock, newest = one.replies
                if holder != token:
                    raise LeaseLost
                before = text(newest[0][0]) if newest else FIRST_EVENT
                entries = _entries(turn, step, ends=ends, first=_next_event(before, clock))
                writes = [_added(stream, entry) for entry in entries]
                if entries:
                    writes.append(noticed(turn.session, before, entries))
                writes += [
                    ("HSET", turn_key(turn.id), "written", number + 1),
                    ("PEXPIRE", lease, LEASE_MS),
                ]
                if number == 0:
                    writes.append(("EXPIRE", stream, RETENTION_SECONDS))
                if ends:
                    writes += self._end(lane, turn, answer_text(script))
                with contextlib.suppress(WatchError):
                    await one.commit(writes)
                    if entries:
                        self._behaviour.wrote(turn.session, entries[-1][0])
                    return
        raise LeaseLost

    def _end(self, lane: str, turn: Turn, said: str) -> list[Command]:
        # With the terminal envelope, not after it: whoever has seen it can post the next message at once.
        policy = self._behaviour.policy
        answer = answer_message(turn.message_id, turn.id, said, served_by(turn, policy))
        return [
            ("RPUSH", messages_key(turn.session), json.dumps(answer)),
            ("SREM", active_key(turn.session), turn.id),
            ("LREM", lane_key(lane), 1, turn.id),
        ]


def _entries(turn: Turn, step: Step, *, ends: bool, first: tuple[int, int]) -> list[Entry]:
    """What a step puts into the stream. The ids are chosen here, because "*" spreads a burst over several milliseconds."""
    milliseconds, sequence = first
    return [
        (
            f"{milliseconds}-{sequence + place}",
            {
                "chunk": encode(chunk).decode(),
                "turn": turn.id,
                "final": str(int(step.final)),
                "last": str(int(ends and place == len(step.chunks) - 1)),
            },
        )
        for place, chunk in enumerate(step.chunks)
    ]


def _added(stream: str, entry: Entry) -> Command:
    event, fields = entry
    pairs = (part for pair in fields.items() for part in pair)
    return ("XADD", stream, "MAXLEN", "~", STREAM_LENGTH, event, *pairs)


def _next_event(newest: str, clock: Sequence[Any]) -> tuple[int, int]:
    """The millisecond and first sequence number for a step: now by the store's clock, but never before the newest."""
    now = int(clock[0]) * 1_000 + int(clock[1]) // 1_000
    milliseconds, sequence = split_event_id(newest)
    return (now, 0) if now > milliseconds else (milliseconds, sequence + 1)
