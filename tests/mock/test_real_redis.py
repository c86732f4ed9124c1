"""A real Redis: several processes on one, and one that goes away in the middle and comes back."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import httpx
import redis

from conformance.mock.embedded import RunningMock, running
from conformance.mock.settings import RateLimit, Settings
from conformance.mock.store import stream_key
from tests.mock.caller import Caller, Frame, after_terminals, ids, kinds, number, wait_until
from tests.mock.programs import RedisServer, mock_program

Open = Callable[[RunningMock, str], Caller]


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def on(server: RedisServer, turn_seconds: float) -> Settings:
    return Settings(turn_seconds=turn_seconds, redis_url=server.url, rate=RateLimit(100_000, 60))


def test_two_workers_serve_one_session(redis_server: RedisServer, open_caller: Open) -> None:
    options = ("--redis-url", redis_server.url, "--workers", "2", "--turn-seconds", "0.2")
    with mock_program(*options) as mock:
        assert len(children(mock.pid)) == 2
        callers = [open_caller(mock, "first") for _ in range(8)]
        session = callers[0].create()

        def race(caller: Caller) -> httpx.Response:
            return caller.post(session, message="x", client_message_id="race")

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(race, callers))
        assert sorted(answer.status_code for answer in answers) == [202] + [409] * 7
        remaining = {answer.headers["x-ratelimit-remaining"] for answer in answers}
        assert len(remaining) == 8
        with ThreadPoolExecutor(8) as pool:
            tails = list(pool.map(lambda caller: caller.tail(session, since="0-0"), callers))
        assert {len(frames) for frames in tails} == {40}
        assert len({tuple(ids(frames)) for frames in tails}) == 1
        for sender, reader in pairwise(callers):
            cursor = sender.send(session)["since_cursor"]
            assert len(reader.tail(session, since=cursor)) == 40
        attachment = callers[1].upload(session)
        assert callers[2].post(session, attachments=[attachment]).status_code == 202


def test_a_worker_that_dies_loses_nothing(redis_server: RedisServer, open_caller: Open) -> None:
    options = ("--redis-url", redis_server.url, "--workers", "2", "--turn-seconds", "0.6")
    with mock_program(*options) as mock:
        caller = open_caller(mock, "first")
        session = caller.create()
        for _ in range(2):
            caller.send(session)
        caller.tail(session, stop=lambda frames: len(frames) > 8)
        killed = children(mock.pid)
        for worker in killed:
            os.kill(worker, signal.SIGKILL)
        wait_until(lambda: len(set(children(mock.pid)) - set(killed)) == 2)

        def whole() -> list[Frame]:
            with contextlib.suppress(httpx.TransportError):
                return caller.tail(session, since="0-0", stop=after_terminals(2))
            return []

        frames = whole() or whole()
        assert kinds(frames) == kinds(frames[:40]) * 2
        assert kinds(frames).count("finish") == 2
        numbers = [number(event) for event in ids(frames)]
        assert numbers == sorted(set(numbers))


def test_a_redis_that_goes_and_comes_back(redis_server: RedisServer, open_caller: Open) -> None:
    with running(on(redis_server, turn_seconds=1.0)) as mock:
        caller = open_caller(mock, "first")
        session = caller.create()
        attachment = caller.upload(session)
        caller.send(session, client_message_id="one")
        seen: list[Frame] = []
        # The tail ends as a response ends, with no error, and with whole frames only.
        for frame in caller.frames(session):
            seen.append(frame)
            if len(seen) == 10:
                redis_server.stop()
        assert 10 <= len(seen) < 40

        path = f"/chat/sessions/{session}"
        for method, where, body in (
            ("POST", "/chat/sessions", {"agent_id": 1}),
            ("POST", path + "/messages", {"message": "x"}),
            ("GET", path + "/messages", None),
            ("GET", path + "/events", None),
            ("POST", path + "/attachments/upload-url", {"content_type": "image/png"}),
        ):
            started = time.monotonic()
            response = caller.http.request(method, where, json=body)
            assert response.status_code == 503, where
            assert time.monotonic() - started < 15  # bounded, however busy the machine is
            assert set(response.json()) == {"error", "meta"}
            assert "redis" not in response.text.lower()
            assert "x-ratelimit-reset" in response.headers

        redis_server.start()
        rest = caller.tail(session, since=seen[-1].id)
        whole = ids(seen + rest)
        assert whole == ids(caller.tail(session, since="0-0"))
        assert len(whole) == 40
        assert caller.post(session, message="x", client_message_id="one").status_code == 409
        assert caller.post(session, attachments=[attachment]).json()["data"]["since_cursor"] == whole[-1]


def test_a_redis_that_hangs(redis_server: RedisServer, open_caller: Open) -> None:
    with running(on(redis_server, turn_seconds=0)) as mock:
        caller = open_caller(mock, "first")
        session = caller.create()
        redis_server.freeze()
        try:
            started = time.monotonic()
            assert caller.post(session, message="x").status_code == 503
            assert time.monotonic() - started < 15  # bounded, however busy the machine is
        finally:
            redis_server.thaw()
        wait_until(lambda: caller.post(session, message="x").status_code == 202)


def test_a_cursor_that_cannot_be_read_is_null(redis_server: RedisServer, open_caller: Open) -> None:
    with running(on(redis_server, turn_seconds=0)) as mock:
        caller = open_caller(mock, "first")
        session = caller.create()
        caller.send(session)
        caller.tail(session)
        with redis.Redis.from_url(redis_server.url) as client:
            client.set(stream_key(session), "no stream any more")
        data = caller.send(session)
        assert data["since_cursor"] is None
        assert caller.messages(session)[-1]["id"] == data["user_message_id"]


def test_many_sessions_at_once(redis_server: RedisServer, open_caller: Open) -> None:
    with running(on(redis_server, turn_seconds=0.2)) as mock:
        callers = [open_caller(mock, name) for name in ("first", "second") * 4]

        def chat(caller: Caller) -> None:
            session = caller.create()
            for _ in range(3):
                data = caller.send(session)
                assert len(caller.tail(session, since=data["since_cursor"])) == 40

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(chat, callers))


def test_no_request_fails_on_a_connection_from_before(redis_server: RedisServer, open_caller: Open) -> None:
    with running(on(redis_server, turn_seconds=0)) as mock, ThreadPoolExecutor(8) as pool:
        callers = [open_caller(mock, "first") for _ in range(8)]
        session = callers[0].create()
        for _ in range(2):
            answers = list(pool.map(lambda caller: caller.http.get(f"/chat/sessions/{session}/messages"), callers * 4))
            assert {answer.status_code for answer in answers} == {200}
            redis_server.stop()
            redis_server.start()
