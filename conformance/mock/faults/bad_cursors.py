"""Cursors that are none, and what a server breaks over (CUR-10)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from redis.asyncio import Redis

from conformance.mock.behaviour import Behaviour
from conformance.mock.faults.registry import fault
from conformance.mock.ids import just_before, read_event_id
from conformance.mock.policy import Policy
from conformance.mock.positions import events_after, turns_of
from conformance.mock.tail import Asked
from conformance.mock.wrapping import with_asked

Bad = Callable[[Redis, str, Asked], Awaitable[bool]]


class UnhandledError(Exception):
    """What a parser or a driver raises, and nobody catches: it is answered 500."""


def _breaks_over(server: Behaviour, bad: Bad) -> Behaviour:
    async def change(client: Redis, session: str, asked: Asked) -> Asked:
        if await bad(client, session, asked):
            raise UnhandledError("the cursor")
        return asked

    return with_asked(server, change)


def _malformed(given: str | None) -> bool:
    return bool(given) and read_event_id(Policy(), given or "") is None


@fault("CUR-10", "ERR-04", mistake="int() of both halves of the cursor, and no handler for ValueError")
def malformed_cursor_is_a_server_error(server: Behaviour) -> Behaviour:
    """A cursor of another form than <ms>-<seq> is answered 500."""

    async def bad(_client: Redis, _session: str, asked: Asked) -> bool:
        return _malformed(asked.since) or _malformed(asked.header)

    return _breaks_over(server, bad)


@fault("CUR-10", "ERR-04", mistake="the query parameter has a validator, and the header has none")
def malformed_header_is_a_server_error(server: Behaviour) -> Behaviour:
    """A Last-Event-Id of another form than <ms>-<seq> is answered 500; the same by query is refused."""

    async def bad(_client: Redis, _session: str, asked: Asked) -> bool:
        return _malformed(asked.header)

    return _breaks_over(server, bad)


@fault("CUR-10", "ERR-04", mistake="the driver's error about an id that is out of range is not caught")
def huge_cursor_is_a_server_error(server: Behaviour) -> Behaviour:
    """A cursor with a number of more than 64 bits is answered 500."""

    async def bad(_client: Redis, _session: str, asked: Asked) -> bool:
        parts = [part for part in (asked.since or asked.header or "").split("-") if part.isascii() and part.isdigit()]
        return any(len(part) <= 4000 and int(part) >= 2**64 for part in parts)

    return _breaks_over(server, bad)


@fault("CUR-10", "ERR-04", mistake="a minus sign passes the number's check, and the store refuses a negative id")
def negative_cursor_is_a_server_error(server: Behaviour) -> Behaviour:
    """A cursor that begins with a minus sign is answered 500."""

    async def bad(_client: Redis, _session: str, asked: Asked) -> bool:
        return (asked.since or asked.header or "").startswith("-")

    return _breaks_over(server, bad)


@fault("CUR-10", "ERR-04", mistake="the cursor is written to a log, or a header, as Latin-1")
def unicode_cursor_is_a_server_error(server: Behaviour) -> Behaviour:
    """A cursor with a character beyond ASCII is answered 500."""

    async def bad(_client: Redis, _session: str, asked: Asked) -> bool:
        return not (asked.since or "").isascii()

    return _breaks_over(server, bad)


@fault("CUR-10", "ERR-04", mistake="the event of the cursor is looked up, and its absence is not thought of")
def unknown_cursor_is_a_server_error(server: Behaviour) -> Behaviour:
    """On a session that has had turns, a well-formed cursor that is no event of it is answered 500, but for 0-0."""
    return _breaks_over(server, lambda client, session, asked: _unknown(client, session, asked, idle=False))


@fault("CUR-10", "ERR-04", mistake="the stream of a session without turns does not exist, and the lookup in it raises")
def foreign_cursor_is_a_server_error_on_an_idle_session(server: Behaviour) -> Behaviour:
    """On a session without turns, a well-formed cursor is answered 500."""
    return _breaks_over(server, lambda client, session, asked: _unknown(client, session, asked, idle=True))


async def _unknown(client: Redis, session: str, asked: Asked, *, idle: bool) -> bool:
    event = read_event_id(Policy(), asked.since or asked.header or "")
    if event is None or event == "0-0" or (not await turns_of(client, session)) is not idle:
        return False
    return all(known != event for known, _ in await events_after(client, session, just_before(event)))
