"""A server on bare sockets: it does what no HTTP library would let it do. Up to the point where it does harm it is polite."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import threading
import uuid
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

Harm = Callable[["Call"], Awaitable[bool]]
"""Answers a request in its own way and returns True, or False: then it is answered politely."""


@dataclass
class Seen:
    """What the server saw: ``requests`` as (operation, Authorization or empty); ``accepted``: its 202s."""

    requests: list[tuple[str, str]] = field(default_factory=list)
    accepted: int = 0


@dataclass
class Call:
    """One request, and how to answer it. ``operation``: create, post, tail, grant, messages, put or other."""

    operation: str
    method: str
    path: str
    authorization: str
    body: bytes
    writer: asyncio.StreamWriter
    seen: Seen
    base_url: str

    async def raw(self, data: bytes) -> None:
        """These bytes, as they are."""
        self.writer.write(data)
        await self.writer.drain()

    async def head(self, status: str = "200 OK", *lines: str, kind: str = "application/json") -> None:
        """A status line and header fields, without a length: the end of the connection is the end of the body."""
        text = "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status}", f"Content-Type: {kind}", *lines))
        await self.raw(f"{text}Connection: close\r\n\r\n".encode("latin-1"))

    async def whole(self, status: str, content: bytes, *lines: str, kind: str = "application/json") -> None:
        """A whole answer of a given length."""
        await self.head(status, *lines, f"Content-Length: {len(content)}", kind=kind)
        await self.raw(content)

    async def json(self, status: str, value: Any, *lines: str) -> None:
        await self.whole(status, json.dumps(value).encode(), *lines)

    async def stream(self, *frames: bytes) -> None:
        """A whole event stream."""
        await self.head(kind="text/event-stream")
        for frame in frames:
            await self.raw(frame)

    def reset(self) -> None:
        """End the connection with an RST: what is on its way is lost."""
        sock: socket.socket = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


def frame(number: int, **chunk: Any) -> bytes:
    """One SSE event with an id and a JSON envelope."""
    return f"id: {number}-0\ndata: {json.dumps(chunk)}\n\n".encode()


TURN = (
    frame(1, type="start"),
    frame(2, type="start-step"),
    frame(3, type="text-start", id="t"),
    frame(4, type="text-delta", id="t", delta="one"),
    frame(5, type="text-delta", id="t", delta=" two"),
    frame(6, type="text-end", id="t"),
    frame(7, type="finish-step"),
    frame(8, type="finish", finishReason="stop"),
)


def data(**values: Any) -> dict[str, Any]:
    return {"data": values, "meta": {"request_id": str(uuid.uuid4())}}


def session(id_: str | None = None) -> dict[str, Any]:
    return data(
        id=id_ or str(uuid.uuid4()),
        agent_id=None,
        archived_at=None,
        channel="api",
        client_id=None,
        created_at="2026-01-01T00:00:00Z",
        updated_at="2026-01-01T00:00:00Z",
        title=None,
    )


def turn(cursor: str | None = None) -> dict[str, Any]:
    return data(chat_turn_id=str(uuid.uuid4()), user_message_id=str(uuid.uuid4()), since_cursor=cursor)


def grant(url: str) -> dict[str, Any]:
    return data(blob_path=f"blobs/{uuid.uuid4()}", max_image_bytes=1_000_000, mime="image/png", upload_url=url)


async def politely(call: Call) -> None:
    """What a server would answer that keeps little of the contract, but harms nobody."""
    if call.operation == "create":
        await call.json("201 Created", session())
    elif call.operation == "post":
        call.seen.accepted += 1
        await call.json("202 Accepted", turn())
    elif call.operation == "tail":
        await call.stream(*TURN)
    elif call.operation == "grant":
        await call.json("200 OK", grant(f"{call.base_url}/blob/{uuid.uuid4()}?sig={uuid.uuid4().hex}"))
    elif call.operation == "messages":
        await call.json("200 OK", data(messages=[]))
    elif call.operation == "put":
        await call.whole("201 Created", b"")
    else:
        await call.json("404 Not Found", {"error": {"code": "not_found", "message": "no"}, **data()})


def _operation(method: str, path: str) -> str:
    bare = path.partition("?")[0]
    if method == "PUT":
        return "put"
    ends = {"/chat/sessions": "create", "/messages": "post", "/upload-url": "grant"}
    if method == "POST":
        return next((name for end, name in ends.items() if bare.endswith(end)), "other")
    ends = {"/events": "tail", "/messages": "messages"}
    return next((name for end, name in ends.items() if bare.endswith(end)), "other")


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, harm: Harm, seen: Seen) -> None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        method, path, _ = first.split(" ", 2)
        port = writer.get_extra_info("sockname")[1]
        authorization = headers.get("authorization", "")
        operation = _operation(method, path)
        seen.requests.append((operation, authorization))
        call = Call(operation, method, path, authorization, body, writer, seen, f"http://127.0.0.1:{port}")
        if not await harm(call):
            await politely(call)
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError, OSError, ValueError):
        pass
    finally:
        writer.close()
        with suppress(OSError, asyncio.CancelledError):
            await writer.wait_closed()


@contextmanager
def hostile(harm: Harm) -> Iterator[tuple[str, Seen]]:
    """Run the server in a thread of its own; gives its address, and what it sees."""
    seen = Seen()
    ready: Future[tuple[asyncio.AbstractEventLoop, int]] = Future()
    stop = asyncio.Event()

    async def main() -> None:
        connections: set[asyncio.Task[None]] = set()

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            connections.add(task)
            try:
                await _serve(reader, writer, harm, seen)
            finally:
                connections.discard(task)

        server = await asyncio.start_server(connected, "127.0.0.1", 0, limit=1 << 20)
        ready.set_result((asyncio.get_running_loop(), server.sockets[0].getsockname()[1]))
        await stop.wait()
        server.close()
        for task in list(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)

    thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
    thread.start()
    loop, port = ready.result(10)
    try:
        yield f"http://127.0.0.1:{port}", seen
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
