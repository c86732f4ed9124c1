"""The ``since_cursor`` that a 202 gives (CUR-01, CUR-02, CUR-06, CUR-11)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from redis.asyncio import Redis

from conformance.mock.behaviour import Behaviour, Json
from conformance.mock.faults.registry import fault
from conformance.mock.ids import FIRST_EVENT
from conformance.mock.messages import Submission
from conformance.mock.notices import Entry
from conformance.mock.positions import events_after, newest_event, turns_of, turns_running
from conformance.mock.wrapping import with_accepted

Choose = Callable[[Redis, str, Submission, str | None, str], Awaitable[str | None]]
"""Client, session, submission, the reference's cursor and the turn; gives the cursor."""


def _with_cursor(server: Behaviour, choose: Choose) -> Behaviour:
    async def change(client: Redis, session: str, submission: Submission, data: Json) -> Json:
        cursor = await choose(client, session, submission, data["since_cursor"], data["chat_turn_id"])
        return {**data, "since_cursor": cursor}

    return with_accepted(server, change)


async def _begun(client: Redis, session: str, turn: str) -> list[Entry]:
    """The turn's events as soon as there are some; none when it does not begin within a second."""
    for _ in range(200):
        found = [(event, entry) for event, entry in await events_after(client, session) if entry["turn"] == turn]
        if found:
            return found
        await asyncio.sleep(0.005)
    return []


@fault("CUR-02", mistake="the snapshot is taken after the turn was enqueued, when a quick worker has begun")
def cursor_after_enqueue(server: Behaviour) -> Behaviour:
    """The cursor is the newest event after the worker's first write, so the turn's first envelopes lie before it."""

    async def choose(client: Redis, session: str, _sent: Submission, cursor: str | None, turn: str) -> str | None:
        await _begun(client, session, turn)
        return await newest_event(client, session) if cursor is not None else None

    return _with_cursor(server, choose)


@fault("CUR-02", mistake="the cursor is read back from the turn's row, where the worker put the id of its first event")
def cursor_at_the_turns_first_event(server: Behaviour) -> Behaviour:
    """The cursor is the id of the turn's first envelope, which the tail therefore skips."""

    async def choose(client: Redis, session: str, _sent: Submission, cursor: str | None, turn: str) -> str | None:
        begun = await _begun(client, session, turn)
        return begun[0][0] if begun and cursor is not None else cursor

    return _with_cursor(server, choose)


@fault("CUR-02", mistake="the cursor is made of the web server's clock, which is ahead of the store's")
def cursor_from_a_clock_ahead(server: Behaviour) -> Behaviour:
    """The cursor of a later turn is the present time and 60 ms, not the id of an event."""

    async def choose(_client: Redis, _session: str, _sent: Submission, cursor: str | None, _turn: str) -> str | None:
        return f"{int(time.time() * 1000) + 60}-0" if cursor is not None else None

    return _with_cursor(server, choose)


@fault("CUR-01", mistake="the snapshot is kept on the session's row, which the worker updates when a turn begins")
def cursor_at_the_previous_turns_start(server: Behaviour) -> Behaviour:
    """The cursor is the id of the first event of the turn before."""

    async def choose(client: Redis, session: str, _sent: Submission, cursor: str | None, _turn: str) -> str | None:
        turns = await turns_of(client, session)
        before = turns[-2] if len(turns) > 1 else None
        first = next((event for event, entry in await events_after(client, session) if entry["turn"] == before), None)
        return first or cursor

    return _with_cursor(server, choose)


@fault("CUR-01", mistake="the snapshot is read from a replica that is one write behind")
def cursor_stale_by_one(server: Behaviour) -> Behaviour:
    """The cursor is the newest event but one, so the tail begins with the terminal envelope of the turn before."""

    async def choose(client: Redis, session: str, _sent: Submission, cursor: str | None, _turn: str) -> str | None:
        return await newest_event(client, session, before_it=1) if cursor not in (None, FIRST_EVENT) else cursor

    return _with_cursor(server, choose)


@fault(
    "CUR-01",
    mistake="only messages with attachments take the path that snapshots before the blobs are checked, on a replica",
)
def cursor_stale_with_attachments(server: Behaviour) -> Behaviour:
    """The cursor of a turn with attachments is stale by one event."""

    async def choose(client: Redis, session: str, sent: Submission, cursor: str | None, _turn: str) -> str | None:
        stale = sent.attachments and cursor not in (None, FIRST_EVENT)
        return await newest_event(client, session, before_it=1) if stale else cursor

    return _with_cursor(server, choose)


@fault("CUR-01", mistake="the snapshot is memoized by session, and nobody clears it")
def cursor_kept_for_ever(server: Behaviour) -> Behaviour:
    """The first cursor of a session that is not null is the cursor of all its later turns."""
    kept: dict[str, str] = {}

    async def choose(_client: Redis, session: str, _sent: Submission, cursor: str | None, _turn: str) -> str | None:
        return kept.setdefault(session, cursor) if cursor is not None else None

    return _with_cursor(server, choose)


@fault("CUR-01", mistake="the snapshot is kept in a variable of the module, shared by all requests")
def cursor_of_the_session_that_posted_last(server: Behaviour) -> Behaviour:
    """The cursor is the one that was snapshotted for the post before, of whatever session."""
    last: list[str] = []

    async def choose(_client: Redis, _session: str, _sent: Submission, cursor: str | None, _turn: str) -> str | None:
        shown = last[-1] if last and cursor is not None else cursor
        if cursor is not None:
            last.append(cursor)
        return shown

    return _with_cursor(server, choose)


@fault("CUR-02", mistake="the newest id of the tenant's fan-out stream is taken, not that of the session's own")
def cursor_of_the_tenants_newest_event(server: Behaviour) -> Behaviour:
    """The cursor is the newest event of all sessions, 80 ms after the turn was enqueued."""
    sessions: set[str] = set()

    async def choose(client: Redis, session: str, _sent: Submission, cursor: str | None, _turn: str) -> str | None:
        sessions.add(session)
        await asyncio.sleep(0.08)
        events = [await newest_event(client, one) for one in sessions]
        return max(events, key=lambda event: tuple(map(int, event.split("-")))) if cursor is not None else None

    return _with_cursor(server, choose)


@fault("CUR-06", mistake="the snapshot fails for every existing stream, and its error is taken for Redis being away")
def cursor_null_on_later_turns(server: Behaviour) -> Behaviour:
    """The cursor is null on every turn."""

    async def choose(_client: Redis, _session: str, _sent: Submission, _cursor: str | None, _turn: str) -> str | None:
        return None

    return _with_cursor(server, choose)


@fault("CUR-06", mistake="the path for messages with attachments builds its own answer, and has no snapshot")
def cursor_null_with_attachments(server: Behaviour) -> Behaviour:
    """The cursor is null for a message with attachments."""

    async def choose(_client: Redis, _session: str, sent: Submission, cursor: str | None, _turn: str) -> str | None:
        return None if sent.attachments else cursor

    return _with_cursor(server, choose)


@fault("CUR-06", "CUR-01", mistake="a missing value is serialized as the language's empty string")
def cursor_empty_on_later_turns(server: Behaviour) -> Behaviour:
    """The cursor of a later turn is the empty string, which names no event."""

    async def choose(_client: Redis, _session: str, _sent: Submission, cursor: str | None, _turn: str) -> str | None:
        return "" if cursor is not None else None

    return _with_cursor(server, choose)


@fault(
    "CUR-11", mistake="the snapshot is cached while a lock on the session is held, and the second post gets it stale"
)
def cursor_stale_under_two_posts(server: Behaviour) -> Behaviour:
    """A post that meets another turn in its session gets a cursor that is stale by one event."""

    async def choose(client: Redis, session: str, _sent: Submission, cursor: str | None, _turn: str) -> str | None:
        raced = await turns_running(client, session) > 1 and cursor not in (None, FIRST_EVENT)
        return await newest_event(client, session, before_it=1) if raced else cursor

    return _with_cursor(server, choose)


@fault(
    "CUR-11",
    mistake="the second post waits for the lock on the session, and takes its snapshot when its turn has begun",
)
def cursor_late_under_two_posts(server: Behaviour) -> Behaviour:
    """A post that meets another turn in its session gets the id of its own turn's third event as its cursor."""

    async def choose(client: Redis, session: str, _sent: Submission, cursor: str | None, turn: str) -> str | None:
        if await turns_running(client, session) < 2 or cursor is None:
            return cursor
        for _ in range(100):
            begun = await _begun(client, session, turn)
            if len(begun) > 2:
                return begun[2][0]
            await asyncio.sleep(0.01)
        return cursor

    return _with_cursor(server, choose)
