"""Fixtures: one mock for most tests, mocks of other settings on demand, and a real Redis."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.mock.embedded import RunningMock, running
from conformance.mock.policy import Policy
from conformance.mock.settings import RateLimit, Settings
from tests.mock.caller import Caller
from tests.mock.programs import RedisServer, require_redis_server

TURN_SECONDS = 0.1


@pytest.fixture(scope="session")
def plain_mock() -> Iterator[RunningMock]:
    """The reference, with short turns and a rate limit that no test here meets."""
    with running(Settings(turn_seconds=TURN_SECONDS, rate=RateLimit(100_000, 60))) as mock:
        yield mock


@pytest.fixture
def open_caller() -> Iterator[Callable[[RunningMock, str | None], Caller]]:
    """``open_caller(mock, "second")``: a caller with one of the mock's keys, or with none."""
    with contextlib.ExitStack() as callers:

        def open_one(mock: RunningMock, name: str | None = "first") -> Caller:
            caller = Caller(mock.base_url, None if name is None else mock.keys[name])
            callers.callback(caller.close)
            return caller

        yield open_one


@pytest.fixture
def first(plain_mock: RunningMock, open_caller: Callable[..., Caller]) -> Caller:
    """The first tenant's key at the plain mock."""
    return open_caller(plain_mock, "first")


@pytest.fixture
def second(plain_mock: RunningMock, open_caller: Callable[..., Caller]) -> Caller:
    """The second tenant's key at the plain mock."""
    return open_caller(plain_mock, "second")


@pytest.fixture
def platform(plain_mock: RunningMock, open_caller: Callable[..., Caller]) -> Caller:
    """The platform account's key at the plain mock."""
    return open_caller(plain_mock, "platform")


@pytest.fixture
def under(open_caller: Callable[..., Caller]) -> Iterator[Callable[..., Caller]]:
    """``under(turn_seconds=0, concurrency="refuse")``: a caller at a mock with this policy (and pace)."""
    with contextlib.ExitStack() as mocks:

        def start(turn_seconds: float = TURN_SECONDS, rate: RateLimit | None = None, **policy: Any) -> Caller:
            settings = Settings(turn_seconds=turn_seconds, rate=rate or RateLimit(100_000, 60), policy=Policy(**policy))
            return open_caller(mocks.enter_context(running(settings)), "first")

        yield start


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A real Redis with persistence, started."""
    require_redis_server()
    server = RedisServer(tmp_path)
    server.start()
    try:
        yield server
    finally:
        server.stop()
