"""What one server process knows and another does not: it shows where several serve one session."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final
from weakref import WeakValueDictionary

from redis.asyncio import Redis

from conformance.mock.behaviour import Behaviour, Json
from conformance.mock.faults.registry import fault
from conformance.mock.ids import show_event_id
from conformance.mock.messages import Submission
from conformance.mock.policy import Policy
from conformance.mock.settings import RETENTION_SECONDS
from conformance.mock.store import duplicate_key
from conformance.mock.wrapping import with_accepted

_BETWEEN_SECONDS: Final = 0.08
"""Between the check and the set: what a busy database would take."""

Append = Callable[[Redis, Policy, str, Submission], Awaitable[Json]]


@fault(
    "CUR-01",
    under_load=True,
    workers=2,
    mistake="the newest event of a session is kept in the memory of the process that writes it, to save a read",
)
def cursor_cached_in_each_worker(server: Behaviour) -> Behaviour:
    """A since_cursor is the newest event of the last turn that this very process has written."""
    newest: dict[str, str] = {}

    def wrote(session: str, event: str) -> None:
        server.wrote(session, event)
        newest[session] = event

    async def cached(_client: Redis, session: str, _submission: Submission, data: Json) -> Json:
        known = newest.get(session)
        return data if known is None else {**data, "since_cursor": show_event_id(server.policy, known)}

    return replace(with_accepted(server, cached), wrote=wrote)


@fault(
    "IDEM-05",
    "IDEM-01",
    under_load=True,
    workers=2,
    mistake="SELECT, then INSERT, under a lock: but the lock is in the memory of one process",
)
def duplicates_locked_in_each_worker(server: Behaviour) -> Behaviour:
    """Of several posts at once with one id, each process accepts one."""
    if server.policy.duplicate_scope != "session":
        return server
    locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def append(client: Redis, policy: Policy, session: str, submission: Submission) -> Json:
        sent = submission.client_message_id
        if sent is None:
            return await server.append_message(client, policy, session, submission)
        key = duplicate_key(session, hashlib.sha256(sent.encode()).hexdigest())
        lock = locks.setdefault(key, asyncio.Lock())
        async with lock:
            if await client.get(key) is not None:
                return await server.append_message(client, policy, session, submission)
            await asyncio.sleep(_BETWEEN_SECONDS)
            data = await server.append_message(client, policy, session, replace(submission, client_message_id=None))
            await client.set(key, data["user_message_id"], ex=RETENTION_SECONDS)
            return data

    return replace(server, append_message=append)
