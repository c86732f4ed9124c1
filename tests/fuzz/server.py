"""A small chat server of the tests' own, lawful unless a test says otherwise, on a real socket.

It shares nothing with the reference server. What a test breaks or varies is one attribute of `Behaviour`.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable, Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

KEY = "neo_sk_test_0123456789"
OTHER_KEY = "neo_sk_test_9876543210"

CHUNKS: list[dict[str, Any]] = [
    {"type": "start", "messageId": "m"},
    {"type": "text-start", "id": "0"},
    {"type": "text-delta", "id": "0", "delta": "Oslo"},
    {"type": "text-end", "id": "0"},
    {"type": "finish", "finishReason": "stop"},
]


@dataclass
class Behaviour:
    """What this server does. The defaults are lawful."""

    created: int = 200
    granted: int = 200
    refusal: int = 400
    json_type: str = "application/json"
    extra: dict[str, Any] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)
    new_id: Callable[[], str] = lambda: str(uuid.uuid4())
    events: Callable[[], str] = lambda: "".join(
        f"id: {number}-0\ndata: {json.dumps(chunk)}\n\n" for number, chunk in enumerate(CHUNKS)
    )
    keep_open: float = 0.0
    attachments_taken: int = 6
    tiers: Container[object] = ("FAST", "SMART")
    bad_cursor: int = 200
    """The answer to a cursor that this server never gave."""
    deduplicates: bool = True
    open_to_all: Container[str] = ()
    """Operations that ask for no credential."""
    shared: Container[str] = ()
    """Operations that do not look whose the session is."""
    any_blob: bool = True
    """Whether a path that was never granted for the session is taken: open, but for the SHOULD of ATT-08."""
    upload_url: str = ""
    """Where the bytes are to go; empty: to this server, which takes them."""
    busy: int = 0
    """Valid messages answered 409 before each one is accepted."""
    limited: int = 0
    """Requests that are answered 429 at first."""
    outages: int = 0
    """Requests that are answered 503 at first."""
    answer: Callable[[str, Any, Response], Response | None] = lambda _operation, _body, _response: None
    """The last word on every answer: another response, or None to leave it."""
    before: Callable[[Request], Response | None] = lambda _request: None
    """Who stands before the server: a response of its own, or None to let the request through."""


@dataclass
class Server:
    """A running server: where it is, and what it has seen."""

    base_url: str
    behaviour: Behaviour
    turns: int = 0
    seen: Counter[str] = field(default_factory=Counter)
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    messages: Counter[str] = field(default_factory=Counter)
    """Accepted messages by what they had: an attachment, an id."""


def tenant(request: Request) -> str:
    """Whose key it is; empty where nobody was given it."""
    keys = {f"Bearer {KEY}": "one", f"Bearer {OTHER_KEY}": "two"}
    return keys.get(request.headers.get("authorization", ""), "")


def application(server: Server) -> Starlette:
    """The five operations."""
    behaviour = server.behaviour
    sessions: dict[str, str | None] = {}
    owners: dict[str, str] = {}
    taken: dict[tuple[str, str], str] = {}
    granted: dict[str, str] = {}
    stored: set[str] = set()

    def of_asker(request: Request, operation: str) -> bool:
        session_id = request.path_params["session_id"]
        return session_id in sessions and (operation in behaviour.shared or tenant(request) in ("", owners[session_id]))

    def headers() -> dict[str, str]:
        return {
            "X-RateLimit-Limit": "1200",
            "X-RateLimit-Remaining": "1199",
            "X-RateLimit-Reset": str(int(time.time()) + 60),
            "Content-Type": behaviour.json_type,
        }

    def success(status: int, data: Any) -> Response:
        meta = {"request_id": str(uuid.uuid4()), **behaviour.meta}
        body = {"data": {**data, **behaviour.extra}, "meta": meta, **behaviour.extra}
        return Response(json.dumps(body), status, headers())

    def error(status: int, **details: str) -> Response:
        error = {"code": "x", "message": "no", "details": details, **behaviour.extra}
        body = {"error": error, "meta": {"request_id": "r"}}
        more = {"Retry-After": "0"} if status == 429 else {}
        return Response(json.dumps(body), status, {**headers(), **more})

    async def create(_request: Request, body: Any) -> Response:
        wrong = (
            not isinstance(body, dict)
            or ("agent_id" in body) == ("managed_agent_key" in body)
            or not isinstance(body.get("agent_id", 0), int | None)
            or body.get("managed_agent_key", "NEO_SUPPORT") != "NEO_SUPPORT"
            or not isinstance(body.get("title", ""), str)
        )
        if wrong:
            return error(behaviour.refusal)
        if "client_id" in body:
            return error(403)
        session_id = behaviour.new_id()
        sessions[session_id] = None
        owners[session_id] = tenant(_request)
        return success(behaviour.created, {"id": session_id, "agent_id": None, "title": body.get("title")})

    async def append(request: Request, body: Any) -> Response:
        refusal = wrong_message(body)
        session_id = request.path_params["session_id"]
        if not of_asker(request, "appendMessage"):
            return error(404)
        if refusal:
            return error(behaviour.refusal)
        attached = [one["blob_path"] for one in body.get("attachments", [])]
        if not behaviour.any_blob and any(granted.get(path) != session_id for path in attached):
            return error(behaviour.refusal)
        known = (session_id, body.get("client_message_id") or "")
        if known[1] and known in taken and behaviour.deduplicates:
            return error(409, original=taken[known])
        if server.seen["busy"] < behaviour.busy:
            server.seen["busy"] += 1
            return error(409)
        server.seen["busy"] = 0
        server.turns += 1
        server.messages.update({"with an upload": bool(stored & set(attached)), "with an id": bool(known[1])})
        cursor, sessions[session_id] = sessions[session_id], "4-0"
        taken[known] = str(uuid.uuid4())
        return success(202, {"chat_turn_id": "t", "user_message_id": taken[known], "since_cursor": cursor})

    def wrong_message(body: Any) -> bool:
        if not isinstance(body, dict):
            return True
        attachments = body.get("attachments", [])
        return (
            not isinstance(body.get("message", ""), str)
            or not isinstance(body.get("client_message_id"), str | None)
            or body.get("model_tier", "FAST") not in behaviour.tiers
            or not isinstance(attachments, list)
            or len(attachments) > behaviour.attachments_taken
            or not (body.get("message") or attachments)
            or not all(isinstance(each, dict) for each in attachments)
            or not all(isinstance(each.get(name, ""), str) for each in attachments for name in each)
            or not all(isinstance(each.get(name), str) for each in attachments for name in ("blob_path", "mime"))
        )

    async def replay(request: Request, _body: Any) -> Response:
        return success(200, {}) if of_asker(request, "listMessages") else error(404)

    async def upload(request: Request, body: Any) -> Response:
        if not of_asker(request, "requestUploadUrl"):
            return error(404)
        if not isinstance(body, dict) or not isinstance(body.get("filename"), str | None):
            return error(behaviour.refusal)
        mime = body.get("content_type")
        if mime not in ("image/png", "image/jpeg", "image/gif", "image/webp"):
            return error(behaviour.refusal)
        path = str(uuid.uuid4())
        granted[path] = request.path_params["session_id"]
        url = behaviour.upload_url or f"{server.base_url}/blobs/{path}"
        grant = {"blob_path": path, "max_image_bytes": 9, "mime": mime, "upload_url": url}
        return success(behaviour.granted, grant)

    async def store(request: Request) -> Response:
        whole = request.headers.get("x-ms-blob-type") == "BlockBlob" and "authorization" not in request.headers
        stored.update([request.path_params["path"]] if whole else [])
        return Response(status_code=201 if whole else 400)

    async def tail(request: Request, _body: Any) -> Response:
        session_id = request.path_params["session_id"]
        if not of_asker(request, "tailEvents"):
            return error(404)

        cursors = (request.query_params.get("since"), request.headers.get("last-event-id"))
        if behaviour.bad_cursor != 200 and any(cursor not in (None, "4-0") for cursor in cursors):
            return error(behaviour.bad_cursor)

        async def stream() -> AsyncIterator[str]:
            if sessions[session_id]:
                yield behaviour.events()
            await asyncio.sleep(behaviour.keep_open)

        return StreamingResponse(stream(), media_type="text/event-stream")

    def endpoint(operation: str, handler: Any) -> Any:
        async def answer(request: Request) -> Response:
            server.seen[operation] += 1
            raw = await request.body()
            try:
                body = json.loads(raw) if raw else None
            except ValueError:
                body = raw
            if not tenant(request) and operation not in behaviour.open_to_all:
                response = error(401)
            elif server.seen["any"] < behaviour.limited:
                response = error(429)
            elif server.seen["any"] < behaviour.outages:
                response = error(503)
            else:
                response = await handler(request, body)
            server.seen["any"] += 1
            response = behaviour.before(request) or behaviour.answer(operation, body, response) or response
            server.statuses[operation, response.status_code] += 1
            return response

        return answer

    session = "/public-api/chat/sessions/{session_id}"
    return Starlette(
        routes=[
            Route("/public-api/chat/sessions", endpoint("createSession", create), methods=["POST"]),
            Route(f"{session}/messages", endpoint("appendMessage", append), methods=["POST"]),
            Route(f"{session}/messages", endpoint("listMessages", replay), methods=["GET"]),
            Route(f"{session}/attachments/upload-url", endpoint("requestUploadUrl", upload), methods=["POST"]),
            Route(f"{session}/events", endpoint("tailEvents", tail), methods=["GET"]),
            Route("/blobs/{path}", store, methods=["PUT"]),
        ]
    )


@contextmanager
def running(behaviour: Behaviour) -> Iterator[Server]:
    """The server on a free port of the loopback, in a thread."""
    server = Server("", behaviour)
    config = uvicorn.Config(application(server), port=0, log_level="critical", lifespan="off")
    process = uvicorn.Server(config)
    thread = threading.Thread(target=process.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not process.started:
        assert time.monotonic() < deadline, "the test's server did not start"
        time.sleep(0.01)
    server.base_url = f"http://127.0.0.1:{process.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        process.should_exit = True
        process.force_exit = True
        thread.join(10)
