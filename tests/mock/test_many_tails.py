"""Hundreds of tails: one blocking read for all of them, a slow one in nobody's way, and outages that lose nothing."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from typing import Any

import httpx
import redis

from conformance.mock.embedded import RunningMock, running
from conformance.mock.policy import Policy
from conformance.mock.settings import RateLimit, Settings
from conformance.mock.store import WRITTEN, stream_key
from tests.mock.crowd import Event, Member, NoTail
from tests.mock.programs import RedisServer, mock_program
from tests.mock.test_real_redis import children

TAILS = 100
WHOLE = 40
MOST_CONNECTIONS = 60
"""Of one process to its Redis: the bound of its pool, and this test's own."""


def on(server: RedisServer | None, turn_seconds: float = 0.3, **policy: Any) -> Settings:
    url = None if server is None else server.url
    return Settings(turn_seconds=turn_seconds, redis_url=url, rate=RateLimit(1_000_000), policy=Policy(**policy))


def member(mock: RunningMock) -> Member:
    return Member(mock.base_url, mock.keys["first"])


def ids(events: list[Event]) -> list[str]:
    return [event.id for event in events]


@contextlib.asynccontextmanager
async def open_tails(one: Member, sessions: list[str]) -> AsyncIterator[None]:
    async with contextlib.AsyncExitStack() as tails:
        for session in sessions:
            await tails.enter_async_context(one.opened(session))
        yield


def test_a_hundred_tails_are_one_blocking_read(redis_server: RedisServer) -> None:
    async def play(one: Member) -> None:
        sessions = [await one.create() for _ in range(TAILS)]
        async with open_tails(one, sessions):
            for _ in range(3):
                await asyncio.sleep(0.2)
                with redis.Redis.from_url(redis_server.url) as client:
                    listed = client.client_list()
                assert len(listed) <= MOST_CONNECTIONS
                assert sum("b" in about["flags"] for about in listed) <= 1, "blocked in a read"
            # And each is told of its own turn.
            sent = await asyncio.gather(*(one.send(session) for session in sessions[:10]))
            pairs = zip(sessions, sent, strict=False)
            turns = await asyncio.gather(*(one.turn(session, data["since_cursor"]) for session, data in pairs))
        assert [len(turn) for turn in turns] == [WHOLE] * 10

    with running(on(redis_server)) as mock:
        asyncio.run(play(member(mock)))
    with redis.Redis.from_url(redis_server.url) as client:
        assert client.ttl(WRITTEN) == -1
        assert len(client.client_list()) == 1, "none is left behind"


def test_a_slow_consumer_loses_nothing_and_holds_up_nobody() -> None:
    async def play(one: Member) -> None:
        session, other = await one.create(), await one.create()
        async with one.opened(session) as (reader, _):
            # Nothing is read of it, and more is written than its queue holds.
            for _ in range(8):
                await one.send(session, message="x")
            data = await one.send(other)
            assert len(await one.turn(other, data["since_cursor"])) == WHOLE
            whole = await one.turn(session, "0-0", turns=8)
            assert len(whole) == 8 * WHOLE
            raw = b""
            while raw.count(b"data: ") < len(whole):
                raw += await asyncio.wait_for(reader.read(65_536), 20)
        seen = [line[4:].decode() for line in raw.split(b"\n") if line.startswith(b"id: ")]
        assert seen == ids(whole)

    with running(on(None, turn_seconds=0.02)) as mock:
        asyncio.run(play(member(mock)))


def test_a_notice_that_never_comes_is_made_up_for(redis_server: RedisServer) -> None:
    async def play(one: Member) -> None:
        session = await one.create()
        async with contextlib.aclosing(one.tail(session, "0-0")) as tail:
            first = asyncio.ensure_future(anext(tail))
            await asyncio.sleep(0.3)
            with redis.Redis.from_url(redis_server.url) as client:
                entry = {"chunk": '{"type":"start"}', "turn": "t", "final": "0", "last": "0"}
                client.xadd(stream_key(session), entry, id="5-1")
            assert (await first).id == "5-1"

    with running(on(redis_server)) as mock:
        asyncio.run(play(member(mock)))


async def _patiently(one: Member, session: str, since: str | None) -> list[Event]:
    """The turn, over as many connections as it takes."""
    events: list[Event] = []
    for _ in range(200):
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, NoTail):
            events += await one.turn(session, events[-1].id if events else since)
            if events and events[-1].ends:
                return events
        await asyncio.sleep(0.1)
    raise AssertionError(f"no end after {len(events)} envelopes")


def test_a_worker_that_is_killed_leaves_no_tail_hanging(redis_server: RedisServer) -> None:
    async def play(one: Member, pid: int) -> None:
        sessions = [await one.create() for _ in range(12)]
        sent = [await one.send(session) for session in sessions]
        pairs = zip(sessions, sent, strict=True)
        turns = [asyncio.create_task(_patiently(one, session, data["since_cursor"])) for session, data in pairs]
        await asyncio.sleep(0.4)
        os.kill(children(pid)[0], signal.SIGKILL)
        for session, turn in zip(sessions, await asyncio.gather(*turns), strict=True):
            assert len(turn) == len(set(ids(turn))) == WHOLE
            assert ids(turn) == ids(await _patiently(one, session, "0-0"))

    options = ("--redis-url", redis_server.url, "--workers", "2", "--turn-seconds", "1.5")
    with mock_program(*options) as mock:
        asyncio.run(play(member(mock), mock.pid))


def test_a_redis_that_stands_still_for_five_seconds(redis_server: RedisServer) -> None:
    async def post(one: Member, session: str, name: str) -> dict[str, Any] | None:
        """The data of the 202 once it is there; None where an attempt without an answer was carried out all the same."""
        for _ in range(200):
            reply = await one.post(session, client_message_id=name)
            if reply.status in (202, 409):
                return reply.data if reply.status == 202 else None
            assert reply.status == 503
            await asyncio.sleep(0.2)
        raise AssertionError("the message was never accepted")

    async def play(one: Member) -> None:
        sessions = [await one.create() for _ in range(6)]
        sent = [await one.send(session) for session in sessions]
        pairs = zip(sessions, sent, strict=True)
        turns = [asyncio.create_task(_patiently(one, session, data["since_cursor"])) for session, data in pairs]
        await asyncio.sleep(0.5)
        redis_server.freeze()
        posts = [asyncio.create_task(post(one, session, "second")) for session in sessions]
        await asyncio.sleep(5)
        redis_server.thaw()
        for session, turn, answered in zip(
            sessions, await asyncio.gather(*turns), await asyncio.gather(*posts), strict=True
        ):
            assert len(turn) == len(set(ids(turn))) == WHOLE, "an envelope that was sent before is sent no more"
            both = await one.turn(session, "0-0", turns=2)
            assert ids(both)[:WHOLE] == ids(turn)
            assert len(both) == 2 * WHOLE, "the second message started its turn, once"
            if answered is not None and answered["since_cursor"] is not None:
                later = await one.turn(session, answered["since_cursor"], turns=1 if both else 2)
                assert set(ids(later)) <= set(ids(both))

    with running(on(redis_server, turn_seconds=2.0)) as mock:
        asyncio.run(play(member(mock)))


def test_tails_end_when_the_process_stops() -> None:
    async def play(one: Member) -> list[asyncio.Task[list[Event]]]:
        sessions = [await one.create() for _ in range(20)]
        tails = [asyncio.create_task(one.turn(session, None)) for session in sessions]
        await asyncio.sleep(0.5)
        return tails

    async def whole() -> None:
        with running(on(None)) as mock:
            tails = await play(member(mock))
        done, waiting = await asyncio.wait(tails, timeout=10)
        assert len(done) == 20
        assert not waiting

    asyncio.run(whole())


def test_a_tail_closes_after_the_last_turn_where_the_policy_says_so() -> None:
    with (
        running(on(None, after_terminal="close")) as mock,
        httpx.Client(
            base_url=f"{mock.base_url}/public-api", headers={"authorization": f"Bearer {mock.keys['first']}"}
        ) as http,
    ):
        session = http.post("/chat/sessions", json={"agent_id": 1}).json()["data"]["id"]
        for _ in range(2):
            assert http.post(f"/chat/sessions/{session}/messages", json={"message": "x"}).status_code == 202
        assert http.get(f"/chat/sessions/{session}/events", timeout=20).text.count("data: ") == 2 * WHOLE
