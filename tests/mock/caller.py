"""What the tests of the mock call it with: one key, one address, and a reader of tails that knows all of SSE."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

# Nothing here speaks TLS, and loading the certificates for every client would take most of the time.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
TERMINAL = ("finish", "abort", "error")


@dataclass(frozen=True)
class Frame:
    """One dispatched event; ``chunk`` is None for ``[DONE]``."""

    id: str | None
    event: str | None
    chunk: dict[str, Any] | None
    arrived: float

    @property
    def kind(self) -> str:
        return "[DONE]" if self.chunk is None else str(self.chunk["type"])


Stop = Callable[[list[Frame]], bool]


def after_terminals(count: int) -> Stop:
    """Stop once so many turns have shown their terminal envelope."""
    return lambda frames: sum(frame.kind in TERMINAL for frame in frames) >= count


class Caller:
    """One API key against one mock."""

    def __init__(self, base_url: str, key: str | None) -> None:
        headers = {} if key is None else {"authorization": f"Bearer {key}"}
        self.http = httpx.Client(base_url=base_url + "/public-api", headers=headers, timeout=10, verify=NO_TLS)

    def close(self) -> None:
        self.http.close()

    def create(self, **body: Any) -> str:
        response = self.http.post("/chat/sessions", json=body or {"agent_id": 1})
        assert response.is_success, response.text
        return str(response.json()["data"]["id"])

    def post(self, session: str, **body: Any) -> httpx.Response:
        return self.http.post(f"/chat/sessions/{session}/messages", json=body)

    def send(self, session: str, message: str = "hello", **body: Any) -> dict[str, Any]:
        response = self.post(session, message=message, **body)
        assert response.status_code == 202, response.text
        data: dict[str, Any] = response.json()["data"]
        return data

    def messages(self, session: str, **query: Any) -> list[dict[str, Any]]:
        response = self.http.get(f"/chat/sessions/{session}/messages", params=query)
        assert response.status_code == 200, response.text
        data: list[dict[str, Any]] = response.json()["data"]
        return data

    def grant(self, session: str, content_type: Any = "image/png", **body: Any) -> httpx.Response:
        return self.http.post(
            f"/chat/sessions/{session}/attachments/upload-url", json={"content_type": content_type, **body}
        )

    def upload(self, session: str, content_type: str = "image/png") -> dict[str, str]:
        """Grant and PUT; the attachment that a message may then carry."""
        grant = self.grant(session, content_type).json()["data"]
        assert put(grant["upload_url"], content_type).status_code == 201
        return {"blob_path": grant["blob_path"], "mime": content_type}

    def tail(
        self,
        session: str,
        since: str | None = None,
        header: str | None = None,
        stop: Stop | None = None,
        silence: float = 5.0,
    ) -> list[Frame]:
        """Frames until ``stop`` (by default one terminal envelope), the end of the connection, or silence."""
        stop = stop or after_terminals(1)
        frames: list[Frame] = []
        try:
            for frame in self.frames(session, since, header, silence):
                frames.append(frame)
                if stop(frames):
                    break
        except httpx.ReadTimeout:
            assert silence < 5, f"silence after {len(frames)} frames"
        return frames

    def frames(
        self, session: str, since: str | None = None, header: str | None = None, silence: float = 5.0
    ) -> Generator[Frame, None, None]:
        with self.http.stream(
            "GET",
            f"/chat/sessions/{session}/events",
            params={} if since is None else {"since": since},
            headers={} if header is None else {"last-event-id": header},
            timeout=httpx.Timeout(10, read=silence),
        ) as response:
            assert response.status_code == 200, response.read()
            assert response.headers["content-type"].startswith("text/event-stream")
            yield from parse(response.iter_raw())


def put(
    url: str, content_type: str, body: bytes = b"\x89PNG", headers: Mapping[str, str] | None = None
) -> httpx.Response:
    given = {"x-ms-blob-type": "BlockBlob", "x-ms-blob-content-type": content_type} if headers is None else headers
    return httpx.put(url, content=body, headers=given, timeout=10, verify=NO_TLS)


def parse(parts: Iterator[bytes]) -> Iterator[Frame]:
    """The WHATWG algorithm on the bytes as they come."""
    held = b""
    block: list[str] = []
    first = True
    for part in parts:
        held += part
        # A carriage return at the very end may be half of a pair; a mock frame never ends in the middle of one.
        text = held.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, rest = text.split(b"\n")
        held = rest
        for raw in lines:
            line = raw.decode()
            if first:
                line = line.removeprefix("\ufeff")
                first = False
            if line:
                block.append(line)
                continue
            frame = _dispatch(block)
            block = []
            if frame is not None:
                yield frame


def _dispatch(block: list[str]) -> Frame | None:
    data: list[str] = []
    fields: dict[str, str] = {}
    for line in block:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            data.append(value)
        elif name:
            fields[name] = value
    if not data:
        return None
    joined = "\n".join(data)
    chunk = None if joined == "[DONE]" else json.loads(joined)
    return Frame(fields.get("id"), fields.get("event"), chunk, time.monotonic())


def kinds(frames: list[Frame]) -> list[str]:
    return [frame.kind for frame in frames]


def ids(frames: list[Frame]) -> list[str]:
    return [frame.id for frame in frames if frame.id is not None]


def number(event: str) -> tuple[int, int]:
    milliseconds, _, sequence = event.partition("-")
    return int(milliseconds), int(sequence)


def wait_until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come to be"
        time.sleep(0.02)
