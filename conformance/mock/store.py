"""Where everything is kept: one Redis, real or in this process, and the names of its keys."""

from __future__ import annotations

from typing import Any, Final

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.client import Pipeline
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from conformance.mock.settings import Settings

PREFIX: Final = "neo-mock:"
LANES: Final = PREFIX + "lanes"
"""Sorted set of the lanes that have turns to run, by the time of the first."""
BLOB_SECRET: Final = PREFIX + "blob-secret"
WRITTEN: Final = PREFIX + "written"
"""Redis Stream: notices of what was written to the streams of all sessions."""
_CONNECTIONS: Final = 48
"""Most connections of one process; who finds none free waits for one."""
ANSWER_SECONDS: Final = 8.0
"""Within that the store answers. An event loop that is busy for a second looks like a store that is slow for one."""
_CONNECT_SECONDS: Final = 4.0
_CONNECTION_SECONDS: Final = 8.0
"""How long one waits for a free connection."""


def open_store(settings: Settings) -> Redis:
    """A client that answers or fails within some seconds, and that connects again by itself.

    Nothing is retried below this level: a transaction whose answer was lost may have been carried out, and a second
    try would persist a message twice.
    """
    if settings.redis_url is None:
        from fakeredis import FakeAsyncRedis, FakeServer

        client: Redis = FakeAsyncRedis(server=FakeServer(), decode_responses=True)
        return client
    pool = BlockingConnectionPool.from_url(
        settings.redis_url,
        decode_responses=True,
        # With RESP3, redis-py 8 takes pooled connections for live though the server has closed them (it expects
        # maintenance messages on them), and after a restart of Redis each of those would fail one request.
        protocol=2,
        socket_connect_timeout=_CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
        max_connections=_CONNECTIONS,
        timeout=_CONNECTION_SECONDS,
    )
    return Redis.from_pool(pool)


def begin(pipe: Pipeline) -> None:
    """``MULTI``: what follows is one atomic step, undone when a watched key has changed."""
    pipe.multi()  # type: ignore[no-untyped-call]


def session_key(session: str) -> str:
    """Hash: the session resource and its tenant."""
    return f"{PREFIX}session:{session}"


def stream_key(session: str) -> str:
    """Redis Stream: the session's envelopes, of all its turns (E5)."""
    return f"{PREFIX}stream:{session}"


def messages_key(session: str) -> str:
    """List of JSON: the session's messages, oldest first."""
    return f"{PREFIX}messages:{session}"


def turns_key(session: str) -> str:
    """List: the ids of all turns of the session, oldest first."""
    return f"{PREFIX}turns:{session}"


def active_key(session: str) -> str:
    """Set: the turns of the session that have not ended."""
    return f"{PREFIX}active:{session}"


def grants_key(session: str) -> str:
    """Hash of JSON by blob path: the session's upload grants."""
    return f"{PREFIX}grants:{session}"


def duplicate_key(session: str, digest: str) -> str:
    """String: the message that a ``client_message_id`` was first sent with."""
    return f"{PREFIX}sent:{session}:{digest}"


def turn_key(turn: str) -> str:
    """Hash: what a turn needs to run, and how many of its steps are written."""
    return f"{PREFIX}turn:{turn}"


def lane_key(lane: str) -> str:
    """List: turn ids that run one after another."""
    return f"{PREFIX}lane:{lane}"


def lease_key(lane: str) -> str:
    """String that expires: the runner that has the lane."""
    return f"{PREFIX}lease:{lane}"


def rate_key(tenant: str) -> str:
    """Sorted set: the tenant's requests within the window, by time."""
    return f"{PREFIX}rate:{tenant}"


def counter_key(kind: str) -> str:
    """Integer: the last id given out, for ids that are numbers."""
    return f"{PREFIX}counter:{kind}"


def text(value: Any) -> str:
    """A reply of a client that decodes, as the string it is."""
    if not isinstance(value, str):
        raise TypeError("the store gave something else than text")
    return value


def entries_of(reply: Any) -> list[tuple[str, dict[str, str]]]:
    """The entries of an ``XREAD`` of one stream, in either protocol version's form."""
    if not reply:
        return []
    if isinstance(reply, dict):
        (entries,) = reply.values()
        if entries and isinstance(entries[0], list):
            (entries,) = entries
    else:
        ((_, entries),) = reply
    return [(text(number), fields) for number, fields in entries]
