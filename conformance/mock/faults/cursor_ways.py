"""A cursor by query and by header (CUR-03)."""

from __future__ import annotations

from dataclasses import replace

from redis.asyncio import Redis

from conformance.mock.behaviour import Behaviour
from conformance.mock.faults.registry import fault
from conformance.mock.ids import just_before
from conformance.mock.positions import events_after, newest_event, turns_of, turns_running
from conformance.mock.tail import Asked
from conformance.mock.wrapping import with_asked, with_start


@fault("CUR-03", "CUR-07", mistake="the handler declares the query parameter, and the header never")
def header_ignored(server: Behaviour) -> Behaviour:
    """Last-Event-Id is not read: the tail is one without a cursor."""

    async def change(_client: Redis, _session: str, asked: Asked) -> Asked:
        return replace(asked, header=None)

    return with_asked(server, change)


@fault("CUR-03", "CUR-01", "CUR-07", mistake="only the header is read, as an EventSource would send it")
def query_ignored(server: Behaviour) -> Behaviour:
    """?since= is not read: the tail is one without a cursor."""

    async def change(_client: Redis, _session: str, asked: Asked) -> Asked:
        return replace(asked, since=None)

    return with_asked(server, change)


@fault("CUR-03", "CUR-07", mistake="the two ways are two pieces of code, and one has XRANGE without '('")
def header_inclusive(server: Behaviour) -> Behaviour:
    """By Last-Event-Id a tail begins with the event whose id was given; by query it does not."""

    async def start(_client: Redis, _session: str, asked: Asked, after: str) -> str:
        return just_before(after) if asked.header else after

    return with_start(server, start)


@fault("CUR-03", "CUR-07", mistake="a header means a reconnect, and a reconnect is taken for 'from now on'")
def header_is_live_only(server: Behaviour) -> Behaviour:
    """By Last-Event-Id a tail has only what is written after it was opened."""

    async def start(client: Redis, session: str, asked: Asked, after: str) -> str:
        return await newest_event(client, session) if asked.header else after

    return with_start(server, start)


@fault("CUR-03", mistake="a session with one turn takes a short cut that never looks at the header")
def header_ignored_on_the_first_turn(server: Behaviour) -> Behaviour:
    """As long as a session has had one turn only, Last-Event-Id is not read."""

    async def change(client: Redis, session: str, asked: Asked) -> Asked:
        return asked if len(await turns_of(client, session)) > 1 else replace(asked, header=None)

    return with_asked(server, change)


@fault(
    "CUR-03", mistake="a tail of a running turn is served by the worker's process, to which the header is not passed on"
)
def header_ignored_while_a_turn_runs(server: Behaviour) -> Behaviour:
    """While a turn of the session runs, Last-Event-Id is not read."""

    async def change(client: Redis, session: str, asked: Asked) -> Asked:
        return replace(asked, header=None) if await turns_running(client, session) else asked

    return with_asked(server, change)


@fault(
    "CUR-03", "CUR-07", mistake="the header is read as the number of the last event received, counting from the newest"
)
def header_skips_one(server: Behaviour) -> Behaviour:
    """By Last-Event-Id a tail begins with the next event but one."""

    async def start(client: Redis, session: str, asked: Asked, after: str) -> str:
        behind = await events_after(client, session, after) if asked.header else []
        return behind[0][0] if behind else after

    return with_start(server, start)
