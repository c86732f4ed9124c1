"""Many sessions at once on asyncio streams: cheap enough for hundreds of open tails, and as plain as HTTP/1.1 allows."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

SECONDS = 30.0
"""How long anything may take; a machine that is busy with other things is no finding."""


@dataclass(frozen=True)
class Reply:
    """An answer that is no stream."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def data(self) -> Any:
        assert "data" in self.body, self.body
        return self.body["data"]


@dataclass(frozen=True)
class Event:
    """One envelope of a tail, under its SSE id."""

    id: str
    chunk: dict[str, Any]
    arrived: float = field(default_factory=time.monotonic, compare=False)

    @property
    def kind(self) -> str:
        return str(self.chunk["type"])

    @property
    def ends(self) -> bool:
        return self.kind in ("finish", "abort", "error")


class NoTail(Exception):  # noqa: N818 - an answer, and the caller judges whether it is an error
    """A tail was refused; with the status."""


@dataclass
class Member:
    """One user of a mock: each request has a connection of its own, so any worker may get it.

    ``keep``: one connection for all that is no tail, as a pool of clients would have it.
    """

    base_url: str
    key: str
    keep: bool = False
    _kept: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = field(default=None, repr=False)

    async def create(self) -> str:
        return str((await self.ask("POST", "/chat/sessions", {"agent_id": 1})).data["id"])

    async def post(self, session: str, **body: Any) -> Reply:
        return await self.ask("POST", f"/chat/sessions/{session}/messages", {"message": "hello", **body})

    async def send(self, session: str, **body: Any) -> dict[str, Any]:
        """A message that is accepted; the ``data`` of its 202."""
        reply = await self.post(session, **body)
        assert reply.status == 202, (reply.status, reply.body)
        data: dict[str, Any] = reply.data
        return data

    async def ask(self, method: str, path: str, body: Any = None) -> Reply:
        return await asyncio.wait_for(self._asked(method, path, body), SECONDS)

    async def _asked(self, method: str, path: str, body: Any) -> Reply:
        reader, writer = self._kept or await self._connection()
        self._kept = None
        writer.write(self._request(method, path, body))
        status, headers = await _head(reader)
        raw = await reader.readexactly(int(headers.get("content-length", "0")))
        if self.keep and headers.get("connection") != "close":
            self._kept = reader, writer
        else:
            writer.close()
        return Reply(status, headers, json.loads(raw) if raw else None)

    async def turn(self, session: str, since: str | None, turns: int = 1, silence: float = SECONDS) -> list[Event]:
        """The tail from there until so many turns have ended, until it is closed, or until it is silent for so long."""
        events: list[Event] = []
        async with contextlib.aclosing(self.tail(session, since, silence)) as flow:
            async for event in flow:
                events.append(event)
                turns -= event.ends
                if turns <= 0:
                    break
        return events

    async def tail(
        self, session: str, since: str | None = None, silence: float = SECONDS
    ) -> AsyncGenerator[Event, None]:
        """The envelopes of one connection; it is closed when the generator is, which ends after such a silence."""
        async with self.opened(session, since) as (reader, _):
            block: dict[str, str] = {}
            async for line in _lines(reader, silence):
                name, _, value = line.partition(": ")
                if line:
                    block[name] = value
                elif block:
                    if "data" in block:
                        yield Event(block.get("id", ""), json.loads(block["data"]))
                    block = {}

    @contextlib.asynccontextmanager
    async def opened(
        self, session: str, since: str | None = None
    ) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """A tail whose bytes nobody has read, behind its headers."""
        reader, writer = await self._connection()
        try:
            query = f"?since={quote(since)}" if since else ""
            writer.write(self._request("GET", f"/chat/sessions/{session}/events{query}", None))
            status, _ = await asyncio.wait_for(_head(reader), SECONDS)
            if status != 200:
                raise NoTail(status)
            yield reader, writer
        finally:
            writer.close()

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        where = urlsplit(self.base_url)
        return await asyncio.wait_for(asyncio.open_connection(where.hostname, where.port), SECONDS)

    def _request(self, method: str, path: str, body: Any) -> bytes:
        raw = b"" if body is None else json.dumps(body).encode()
        lines = [
            f"{method} /public-api{path} HTTP/1.1",
            "host: mock",
            f"authorization: Bearer {self.key}",
            "content-type: application/json",
            f"content-length: {len(raw)}",
            "",
            "",
        ]
        return "\r\n".join(lines).encode() + raw


async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    first, *rest = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in rest if line)
    return int(first.split(" ")[1]), {name.lower(): value.strip() for name, _, value in pairs}


async def _lines(reader: asyncio.StreamReader, silence: float) -> AsyncIterator[str]:
    """The lines of a chunked body, without their ends."""
    held = b""
    while True:
        try:
            size = int((await asyncio.wait_for(reader.readline(), silence)).strip() or b"0", 16)
            held += (await reader.readexactly(size + 2))[:-2]
        except (asyncio.TimeoutError, asyncio.IncompleteReadError):
            return
        *whole, held = held.split(b"\n")
        for line in whole:
            yield line.decode()
        if size == 0:
            return
