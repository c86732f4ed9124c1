"""A seam at which the bytes of an answer can be changed on their way out, streams included."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conformance.mock.behaviour import Layer

Kind = Literal["stream", "answer", "any"]
ChangeSend = Callable[[Scope, Send], Send]


def outgoing(change: ChangeSend, kind: Kind) -> Layer:
    """A layer through whose ``change(scope, send)`` the messages of each answer of that kind go.

    It is called once for each answer, when its beginning is there; a stream is an event stream of status 200.
    """

    def layer(app: ASGIApp) -> ASGIApp:
        async def changed(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            way: Send = send

            async def on_the_way(message: Message) -> None:
                nonlocal way
                if message["type"] == "http.response.start" and kind in ("any", kind_of(message)):
                    way = change(scope, send)
                await way(message)

            await app(scope, receive, on_the_way)

        return changed

    return layer


def kind_of(start: Message) -> Kind:
    """Whether an answer that begins so is a stream."""
    headers = {name.lower(): value for name, value in start.get("headers", ())}
    streams = headers.get(b"content-type", b"").lower().startswith(b"text/event-stream")
    return "stream" if streams and start["status"] == 200 else "answer"


def pieces(cut: Callable[[bytes], list[bytes]]) -> ChangeSend:
    """Each piece of a body is sent as the pieces that ``cut`` makes of it; one ``cut`` serves all answers."""

    def change(_: Scope, send: Send) -> Send:
        async def in_pieces(message: Message) -> None:
            body = message.get("body", b"")
            if message["type"] != "http.response.body" or not body:
                await send(message)
                return
            for piece in cut(body):
                await send({**message, "body": piece, "more_body": True})
            if not message.get("more_body", False):
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        return in_pieces

    return change


def with_start(change: Callable[[list[tuple[bytes, bytes]]], Awaitable[None] | None]) -> ChangeSend:
    """The list of headers of each answer is changed in place, before it is sent."""

    def way(_: Scope, send: Send) -> Send:
        async def started(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                waiting = change(headers)
                if waiting is not None:
                    await waiting
                message = {**message, "headers": headers}
            await send(message)

        return started

    return way
