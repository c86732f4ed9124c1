"""The application: the five chat operations, the replay, the blob host and the OpenAPI document."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from conformance.mock.access import API_ROOT, AccessLayer, account
from conformance.mock.answers import ApiError, encode, no_such_session, policy_of, refusal, success, unavailable
from conformance.mock.behaviour import Behaviour
from conformance.mock.grants import BLOB_ROOT
from conformance.mock.json_body import read_bounded
from conformance.mock.openapi import document
from conformance.mock.settings import MAX_IMAGE_BYTES, Settings
from conformance.mock.sse import Wire
from conformance.mock.store import open_store
from conformance.mock.tail import Asked, Tail
from conformance.mock.turns import TurnRunner

_STOP_SECONDS = 4.0
_SESSIONS = API_ROOT + "/chat/sessions"
_HOST = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


def build_app(settings: Settings, behaviour: Behaviour, stopping: asyncio.Event) -> ASGIApp:
    """The ASGI application of one server process.

    :param behaviour: what it does; `Behaviour(settings.policy)` is the reference.
    :param stopping: set when the process is asked to stop, so that open tails end and do not hold it up.
    """

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        client = open_store(settings)
        runner = TurnRunner(client, behaviour, settings.turn_seconds)
        listener = behaviour.listener(client, stopping)
        app.state.client = access.client = client
        app.state.runner = runner
        app.state.listener = listener
        app.state.stopping = stopping
        running = {asyncio.create_task(runner.run()), asyncio.create_task(listener.run())}
        try:
            yield
        finally:
            runner.stop()
            stopping.set()
            await asyncio.wait(running, timeout=_STOP_SECONDS)
            await client.aclose()

    handlers: dict[Any, Callable[..., Awaitable[Response]]] = {
        ApiError: _on_api_error,
        HTTPException: _on_http_exception,
        RedisError: _on_store_failure,
        ClientDisconnect: _on_disconnect,
        Exception: _on_failure,
    }
    inner = Starlette(routes=_routes(), exception_handlers=handlers, lifespan=lifespan)
    # A path with a slash too many is another path; a redirect would be an answer without an envelope.
    inner.router.redirect_slashes = False
    access = AccessLayer(inner, behaviour, settings.rate)
    app: ASGIApp = access
    for layer in behaviour.in_order():
        app = layer(app)
    return app


def _routes() -> list[BaseRoute]:
    one = _SESSIONS + "/{session_id:path}"
    return [
        _route(_SESSIONS, post=_create),
        _route(one + "/messages", get=_replay, post=_append),
        _route(one + "/events", get=_tail),
        _route(one + "/attachments/upload-url", post=_grant),
        _route(API_ROOT + "/openapi.json", get=_openapi),
        _route(BLOB_ROOT + "{blob_path:path}", put=_upload),
    ]


Handler = Callable[[Request], Awaitable[Response]]


def _route(path: str, **by_method: Handler) -> Route:
    async def handle(request: Request) -> Response:
        handler = by_method.get(request.method.lower())
        if handler is None or request.method != request.method.upper():
            allowed = ", ".join(method.upper() for method in by_method)
            raise ApiError(405, "METHOD_NOT_ALLOWED", "This path has no such method.", headers={"allow": allowed})
        return await handler(request)

    # Without a list of methods the route takes them all, and the answer to a wrong one is made here.
    route = Route(path, handle)
    route.methods = set()
    return route


def _behaviour(request: Request) -> Behaviour:
    behaviour: Behaviour = request.scope["mock.behaviour"]
    return behaviour


def _client(request: Request) -> Redis:
    client: Redis = request.app.state.client
    return client


async def _session(request: Request) -> str:
    """The session of the path, when it is the caller's; looked up before the body is, so a 404 is always the same."""
    session: str = request.path_params["session_id"]
    await _behaviour(request).require_session(_client(request), account(request), session)
    return session


async def _create(request: Request) -> Response:
    behaviour, policy = _behaviour(request), policy_of(request)
    given = await behaviour.read_object(request)
    resource = await behaviour.create_session(_client(request), policy, account(request), given)
    return success(request, resource, policy.created_status)


async def _append(request: Request) -> Response:
    behaviour, client, policy = _behaviour(request), _client(request), policy_of(request)
    session = await _session(request)
    submission = await behaviour.read_submission(client, policy, session, await behaviour.read_object(request))
    accepted = await behaviour.append_message(client, policy, session, submission)
    request.app.state.runner.wake(session)
    return success(request, accepted, 202)


async def _replay(request: Request) -> Response:
    session = await _session(request)
    query = request.query_params
    page, pagination = await _behaviour(request).list_messages(
        _client(request), policy_of(request), session, query.get("page_size"), query.get("cursor")
    )
    return success(request, page, pagination=pagination)


async def _tail(request: Request) -> Response:
    behaviour, client, policy = _behaviour(request), _client(request), policy_of(request)
    session = await _session(request)
    asked = Asked(request.query_params.get("since"), request.headers.get("last-event-id"))
    after = await behaviour.tail_from(client, policy, session, asked)
    tail = Tail(session, asked, after, request.app.state.listener)

    async def written() -> AsyncIterator[bytes]:
        wire = Wire(policy, behaviour.lines)
        async for item in behaviour.frames(client, policy, tail, request.app.state.stopping):
            yield wire.write(item)

    return StreamingResponse(
        written(),
        media_type="text/event-stream",
        headers={"cache-control": "no-cache, no-transform", "x-accel-buffering": "no"},
    )


async def _grant(request: Request) -> Response:
    behaviour, policy = _behaviour(request), policy_of(request)
    session = await _session(request)
    given = await behaviour.read_object(request)
    granted = await behaviour.grant_upload(_client(request), policy, session, given, _origin(request))
    return success(request, granted, policy.grant_status)


def _origin(request: Request) -> str:
    # The name under which the client reaches this server, so that a URL works through a port that is forwarded.
    host = request.headers.get("host", "")
    if _HOST.fullmatch(host) is None:
        name, port = request.scope["server"]
        host = f"{name}:{port}"
    return f"{request.scope['scheme']}://{host}"


async def _upload(request: Request) -> Response:
    if "authorization" in request.headers:
        # The URL is the permission. A bearer token has no business at another host, so sending one is an error.
        raise ApiError(403, "AuthenticationFailed", "A signed URL takes no Authorization header.")
    behaviour, client, query = _behaviour(request), _client(request), request.query_params
    path: str = request.path_params["blob_path"]
    grant = await behaviour.check_signature(client, path, query.get("se", ""), query.get("sig", ""))
    if request.headers.get("x-ms-blob-type") != "BlockBlob":
        raise ApiError(400, "InvalidHeaderValue", "x-ms-blob-type has to be BlockBlob.")
    if request.headers.get("x-ms-blob-content-type") != grant["mime"]:
        raise ApiError(400, "InvalidHeaderValue", "x-ms-blob-content-type has to be the granted type.")
    await behaviour.record_upload(client, path, grant, await read_bounded(request, MAX_IMAGE_BYTES, "The blob"))
    return Response(status_code=201)


async def _openapi(request: Request) -> Response:
    return Response(encode(document(policy_of(request))), media_type="application/json")


async def _on_api_error(request: Request, error: ApiError) -> Response:
    return refusal(request, error)


async def _on_http_exception(request: Request, error: HTTPException) -> Response:
    if error.status_code == 404:
        if request.url.path.startswith(_SESSIONS + "/"):
            return refusal(request, no_such_session())
        return refusal(request, ApiError(404, "NOT_FOUND", "There is nothing at this path."))
    return refusal(request, ApiError(error.status_code, "BAD_REQUEST", "The request is refused.", None, error.headers))


async def _on_store_failure(request: Request, _: RedisError) -> Response:
    return refusal(request, unavailable())


async def _on_disconnect(request: Request, _: ClientDisconnect) -> Response:
    # Nobody is left to read it, but an answer has to be made of a request that ended in its body.
    return refusal(request, ApiError(400, "BAD_REQUEST", "The request ended before its body did."))


async def _on_failure(request: Request, _: Exception) -> Response:
    return refusal(request, ApiError(500, "INTERNAL_ERROR", "Something went wrong."))
