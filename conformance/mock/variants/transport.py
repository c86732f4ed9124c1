"""How the bytes of a stream travel: HTTP and TCP promise nothing of the pieces in which they arrive."""

from __future__ import annotations

import asyncio
import contextlib
import zlib

from starlette.types import Message, Scope, Send

from conformance.mock.behaviour import Behaviour
from conformance.mock.outgoing import outgoing, pieces
from conformance.mock.variants.registry import variant

_POINT = "pieces of a stream"


@variant(_POINT)
def stream_in_scraps(server: Behaviour) -> Behaviour:
    """A stream comes in pieces of one byte and of few, cut within lines, characters and line ends."""

    def cut(body: bytes) -> list[bytes]:
        return [
            *(body[i : i + 1] for i in range(min(8, len(body)))),
            *(body[i : i + 23] for i in range(8, len(body), 23)),
        ]

    return server.with_layer(outgoing(pieces(cut), "stream"), "framing")


@variant(_POINT)
def stream_in_lumps(server: Behaviour) -> Behaviour:
    """Several events come in one piece: what is written within a twentieth of a second goes out together."""

    def change(_: Scope, send: Send) -> Send:
        held = bytearray()
        sending = asyncio.Lock()
        waiting: list[asyncio.Task[None]] = []

        async def flush(more: bool) -> None:
            async with sending:
                body = bytes(held)
                held.clear()
                await send({"type": "http.response.body", "body": body, "more_body": more})

        async def soon() -> None:
            while held:
                await asyncio.sleep(0.05)
                await flush(more=True)
            # At once and not when the task is done: what comes in between would wait for ever.
            waiting.clear()

        async def collected(message: Message) -> None:
            if message["type"] != "http.response.body":
                await send(message)
                return
            held.extend(message.get("body", b""))
            if not message.get("more_body", False):
                for task in waiting:
                    task.cancel()
                await flush(more=False)
            elif held and not waiting:
                waiting.append(asyncio.create_task(soon()))

        return collected

    return server.with_layer(outgoing(change, "stream"), "framing")


@variant("headers of a stream")
def headers_wait_for_an_event(server: Behaviour) -> Behaviour:
    """The status and the headers of a stream wait for its first event, but no longer than a second and a half."""

    def change(_: Scope, send: Send) -> Send:
        held: list[Message] = []
        sending = asyncio.Lock()
        timers: list[asyncio.Task[None]] = []

        async def release() -> None:
            async with sending:
                while held:
                    await send(held.pop(0))

        async def in_time() -> None:
            await asyncio.sleep(1.5)
            # The client may be gone by then, and the server's own send says so.
            with contextlib.suppress(Exception):
                await release()

        async def waiting(message: Message) -> None:
            held.append(message)
            if message["type"] == "http.response.start":
                timers.append(asyncio.create_task(in_time()))
            elif b"data:" in message.get("body", b"") or not message.get("more_body", False) or timers[0].done():
                timers[0].cancel()
                await release()

        return waiting

    return server.with_layer(outgoing(change, "stream"), "framing")


@variant("coding of a stream")
def stream_compressed(server: Behaviour) -> Behaviour:
    """A stream is compressed where the client takes gzip, each event in a piece that can be read at once."""

    def change(scope: Scope, send: Send) -> Send:
        if not accepts_gzip(scope):
            return send
        packer = zlib.compressobj(wbits=31)

        async def packed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message["headers"], (b"content-encoding", b"gzip"), (b"vary", b"Accept-Encoding")]
                await send({**message, "headers": headers})
                return
            more = message.get("more_body", False)
            body = packer.compress(message.get("body", b"")) + packer.flush(
                zlib.Z_SYNC_FLUSH if more else zlib.Z_FINISH
            )
            await send({**message, "body": body})

        return packed

    return server.with_layer(outgoing(change, "stream"), "framing")


def accepts_gzip(scope: Scope) -> bool:
    """Whether the request takes an answer in gzip."""
    return any(name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"])
