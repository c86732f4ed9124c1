"""A session of another tenant, told apart from one that does not exist, or served (AUTH-03)."""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable
from dataclasses import replace

from redis.asyncio import Redis

from conformance.mock.accounts import Account
from conformance.mock.answers import ApiError, no_such_session
from conformance.mock.behaviour import Behaviour
from conformance.mock.faults.registry import fault
from conformance.mock.layers import Answer, Asking, Proceed, around
from conformance.mock.store import session_key, turns_key

Foreign = Callable[[Redis, Account, str], Awaitable[ApiError | None]]


def _foreign(server: Behaviour, answer: Foreign) -> Behaviour:
    """Another answer for a session that exists and is not the caller's; None serves it."""

    async def require(client: Redis, account: Account, session: str) -> None:
        try:
            await server.require_session(client, account, session)
        except ApiError:
            if not session.isascii() or not await client.exists(session_key(session)):
                raise
            instead = await answer(client, account, session)
            if instead is not None:
                raise instead from None

    return replace(server, require_session=require)


@fault("AUTH-03", mistake="the row is found by its id, and its tenant compared afterwards: a 403")
def foreign_session_is_403(server: Behaviour) -> Behaviour:
    """A session of another tenant is answered 403."""

    async def answer(_client: Redis, _account: Account, _session: str) -> ApiError:
        return ApiError(403, "FORBIDDEN", "This session belongs to another tenant.")

    return _foreign(server, answer)


@fault("AUTH-03", mistake="two places raise the 404, with texts of their own")
def foreign_session_by_its_text(server: Behaviour) -> Behaviour:
    """The 404 of a session of another tenant has another message."""

    async def answer(_client: Redis, _account: Account, _session: str) -> ApiError:
        return ApiError(404, "NOT_FOUND", "Chat session is not available.")

    return _foreign(server, answer)


@fault("AUTH-03", mistake="the reason is kept in details for the log, and not taken out of the answer")
def foreign_session_by_details(server: Behaviour) -> Behaviour:
    """The 404 of a session of another tenant has details, which a missing one has not."""

    async def answer(_client: Redis, _account: Account, _session: str) -> ApiError:
        error = no_such_session()
        return ApiError(404, error.code, error.message, {"reason": "tenant"})

    return _foreign(server, answer)


@fault("AUTH-03", mistake="a number of the row is in the details: 0 where there is no row")
def foreign_session_by_a_number(server: Behaviour) -> Behaviour:
    """The 404 of a session tells the number of its tenant, 0 where there is no such session."""

    async def require(client: Redis, account: Account, session: str) -> None:
        try:
            await server.require_session(client, account, session)
        except ApiError as error:
            tenant = await client.hget(session_key(session), "tenant") if session.isascii() else None
            number = zlib.crc32(str(tenant).encode()) % 9_000 + 1_000 if tenant else 0
            raise ApiError(404, error.code, error.message, {"tenant": number}) from None

    return replace(server, require_session=require)


@fault("AUTH-03", mistake="answers about rows that exist are marked for the cache, those about none are not")
def foreign_session_by_a_header(server: Behaviour) -> Behaviour:
    """The 404 of a session of another tenant has a Cache-Control, which a missing one has not."""

    async def answer(_client: Redis, _account: Account, _session: str) -> ApiError:
        error = no_such_session()
        return ApiError(404, error.code, error.message, headers={"cache-control": "private, no-store"})

    return _foreign(server, answer)


@fault("AUTH-03", mistake="a security event is noted in the warnings of the answer's meta")
def foreign_session_by_its_meta(server: Behaviour) -> Behaviour:
    """The 404 of a session of another tenant has a warning in its meta."""
    marked = foreign_session_by_details(server)

    async def change(asking: Asking, proceed: Proceed) -> Answer | None:
        answer = await proceed(asking)
        body = answer.json if answer is not None and answer.status == 404 else None
        if answer is None or body is None or not body["error"].pop("details", None):
            return answer
        body["meta"]["warnings"] = ["access across tenants was refused"]
        return answer.with_json(body)

    return marked.with_layer(around(change))


@fault("AUTH-03", mistake="an index of sessions without the tenant in it, used once there are messages to list")
def foreign_session_is_served_once_it_has_turns(server: Behaviour) -> Behaviour:
    """A session of another tenant is served as if it were the caller's, once it has had a turn."""

    async def answer(client: Redis, _account: Account, session: str) -> ApiError | None:
        return None if await client.llen(turns_key(session)) else no_such_session()

    return _foreign(server, answer)


Wrong = Callable[[Asking], bool]


def _checked_first(server: Behaviour, wrong: Wrong, status: int, message: str) -> Behaviour:
    """What is ``wrong`` is refused for a session of another tenant before its tenant is looked at."""

    async def marked(_client: Redis, _account: Account, _session: str) -> ApiError:
        error = no_such_session()
        return ApiError(404, error.code, error.message, {"exists": True})

    async def change(asking: Asking, proceed: Proceed) -> Answer | None:
        reply = await proceed(asking)
        body = reply.json if reply is not None and reply.status == 404 else None
        if reply is None or body is None or not body["error"].pop("details", None):
            return reply
        if not wrong(asking):
            return reply.with_json(body)
        body["error"] = {"code": "validation_error", "message": message}
        return replace(reply.with_json(body), status=status)

    return _foreign(server, marked).with_layer(around(change))


@fault("AUTH-03", mistake="the body is checked against the row's agent, and the row's tenant only afterwards")
def foreign_session_by_a_bad_body(server: Behaviour) -> Behaviour:
    """A message of a wrong tier is answered 422 for a session of another tenant, 404 for a missing one."""

    def wrong(asking: Asking) -> bool:
        return asking.operation == "append" and asking.member("model_tier") not in (None, "FAST", "SMART")

    return _checked_first(server, wrong, 422, "The request has invalid fields.")


@fault("AUTH-03", mistake="the cursor is read against the session's stream before the tenant is asked for")
def foreign_session_by_a_bad_cursor(server: Behaviour) -> Behaviour:
    """A tail from a cursor that is none is answered 400 for a session of another tenant, 404 for a missing one."""

    def wrong(asking: Asking) -> bool:
        since = asking.query.get("since") or asking.headers.get("last-event-id") or "0-0"
        return asking.operation == "tail" and not since.replace("-", "").isdigit()

    return _checked_first(server, wrong, 400, "The cursor is not an event id of this session.")
