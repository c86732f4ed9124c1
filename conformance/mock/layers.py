"""Layers around the application: seams at which whole requests and whole JSON answers can be changed.

The streams pass through untouched; their seam is :attr:`Behaviour.frames`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, Literal
from urllib.parse import parse_qs, unquote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conformance.mock.answers import encode
from conformance.mock.behaviour import Layer

Operation = Literal["create", "append", "replay", "tail", "grant", "upload", "other"]
CHAT_OPERATIONS: Final = ("create", "append", "replay", "tail", "grant")

_PATH: Final = re.compile(
    r"/public-api/chat/sessions(?:/(?P<session>.+?)(?P<what>/messages|/events|/attachments/upload-url))?"
)
_OPERATIONS: Final[Mapping[tuple[str, str], Operation]] = {
    ("POST", ""): "create",
    ("POST", "/messages"): "append",
    ("GET", "/messages"): "replay",
    ("GET", "/events"): "tail",
    ("POST", "/attachments/upload-url"): "grant",
}
_MAX_BODY: Final = 16 * 1024 * 1024


@dataclass(frozen=True)
class Asking:
    """A request as it came: header names in lower case, the last value of a name that is given twice."""

    operation: Operation
    method: str
    path: str
    session: str
    """The session of the path, empty where there is none."""
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    query_string: str = ""
    """The query as it was sent, for what is given twice."""

    @cached_property
    def json(self) -> Any:
        """The body as JSON; None where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def member(self, name: str) -> Any:
        """A member of the body's JSON object; None where it is no object or has no such member."""
        return self.json.get(name) if isinstance(self.json, dict) else None


@dataclass(frozen=True)
class Answer:
    """An answer that is no stream: header names in lower case, in their order."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @cached_property
    def json(self) -> Any:
        """A copy of the body's JSON that may be changed and given to :meth:`with_json`; None where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def with_json(self, value: Any) -> Answer:
        """The same answer with another body."""
        return replace(self, body=encode(value))

    def with_header(self, name: str, value: str | None) -> Answer:
        """The same answer with one value for the header, or without the header for None."""
        kept = tuple(pair for pair in self.headers if pair[0] != name.encode())
        return replace(self, headers=kept if value is None else (*kept, (name.encode(), value.encode("latin-1"))))


Proceed = Callable[[Asking], Awaitable["Answer | None"]]
"""Lets the application answer a request, which may be changed on the way; None when the answer was a stream."""
Around = Callable[[Asking, Proceed], Awaitable["Answer | None"]]


def around(change: Around) -> Layer:
    """A layer of one function: it gets the request and the way to the application, and returns the answer.

    It may answer by itself, without proceeding, and it may change what it gives and what it gets. A stream is sent
    while it proceeds and cannot be changed any more: then ``proceed`` gives None, and the function returns None.
    """
    return lambda app: _Around(app, change)


def answers(change: Callable[[Asking, Answer], Answer]) -> Layer:
    """A layer that changes the answers that are no streams."""

    async def changed(asking: Asking, proceed: Proceed) -> Answer | None:
        answer = await proceed(asking)
        return None if answer is None else change(asking, answer)

    return around(changed)


def json_answer(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer made by a layer. It has none of the headers that the application would add."""
    given = {"content-type": "application/json", **(headers or {})}
    return Answer(status, tuple((name.encode(), text.encode("latin-1")) for name, text in given.items()), encode(value))


@dataclass(frozen=True)
class _Around:
    app: ASGIApp
    change: Around

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asking = await _asking(scope, receive)

        async def proceed(asked: Asking) -> Answer | None:
            held = _Held(send)
            await self.app(_scope_of(scope, asking, asked), _Once(asked.body, receive), held)
            return held.answer()

        answer = await self.change(asking, proceed)
        if answer is not None:
            headers = [pair for pair in answer.headers if pair[0] not in (b"content-length", b"transfer-encoding")]
            if answer.status not in (204, 304):
                headers.append((b"content-length", str(len(answer.body)).encode()))
            await send({"type": "http.response.start", "status": answer.status, "headers": headers})
            await send({"type": "http.response.body", "body": answer.body})


async def _asking(scope: Scope, receive: Receive) -> Asking:
    path: str = scope["path"]
    match = _PATH.fullmatch(path)
    operation: Operation = "other"
    if match is not None:
        operation = _OPERATIONS.get((scope["method"], match["what"] or ""), "other")
    elif path.startswith("/blob/") and scope["method"] == "PUT":
        operation = "upload"
    body = bytearray()
    more = True
    while more and len(body) <= _MAX_BODY:
        message = await receive()
        body += message.get("body", b"")
        more = message["type"] == "http.request" and message.get("more_body", False)
    return Asking(
        operation=operation,
        method=scope["method"],
        path=path,
        session=unquote((match and match["session"]) or ""),
        headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]},
        query={name: values[0] for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()},
        body=bytes(body),
        query_string=scope["query_string"].decode("latin-1"),
    )


def _scope_of(scope: Scope, before: Asking, asked: Asking) -> Scope:
    """The scope of the request as it was changed: only its headers and its path can be."""
    changed = dict(scope)
    if asked.headers != before.headers or asked.body != before.body:
        headers = {**asked.headers, "content-length": str(len(asked.body))} if asked.body else dict(asked.headers)
        headers.pop("transfer-encoding", None)
        changed["headers"] = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    if asked.path != before.path:
        changed["path"] = asked.path
        changed["raw_path"] = asked.path.encode()
    return changed


@dataclass
class _Once:
    """A request body that was read already, then whatever else comes: a disconnect."""

    body: bytes
    receive: Receive
    given: bool = False

    async def __call__(self) -> Message:
        if self.given:
            return await self.receive()
        self.given = True
        return {"type": "http.request", "body": self.body, "more_body": False}


@dataclass
class _Held:
    """A ``send`` that keeps an answer back until it is whole; a stream goes through."""

    send: Send
    start: Message | None = None
    streams: bool = False
    body: bytearray = field(default_factory=bytearray)

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
            self.streams = any(
                name.lower() == b"content-type" and value.lower().startswith(b"text/event-stream")
                for name, value in message.get("headers", ())
            )
        elif not self.streams:
            self.body += message.get("body", b"")
        if self.streams:
            await self.send(message)

    def answer(self) -> Answer | None:
        """The answer; None when it was a stream."""
        if self.start is None or self.streams:
            return None
        headers = tuple((name.lower(), value) for name, value in self.start.get("headers", ()))
        return Answer(self.start["status"], headers, bytes(self.body))
