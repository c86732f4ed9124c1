"""One function an operation: each builds the request, and nothing else. Who sends it also records it.

A ``credential`` is the value of the Authorization header, or None for none.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import httpx

from conformance import __version__
from conformance.target import Target

JSON_TYPE = "application/json"
_CLIENT = (
    # Firewalls before an API refuse what does not name itself.
    (b"User-Agent", f"neo-conformance/{__version__}".encode()),
    # Without it any coding would be acceptable (RFC 9110 12.5.3), also one that nobody here can read.
    (b"Accept-Encoding", b"gzip, deflate"),
)


def create_session(target: Target, credential: str | None, body: Any) -> httpx.Request:
    """``POST /chat/sessions``; ``body`` as in ``_json``."""
    return _json("POST", target.url("/chat/sessions"), credential, body)


def append_message(target: Target, credential: str | None, session_id: str, body: Any) -> httpx.Request:
    """``POST /chat/sessions/{session_id}/messages``: starts a turn when it is accepted."""
    return _json("POST", target.url(f"/chat/sessions/{_segment(session_id)}/messages"), credential, body)


def request_upload_url(target: Target, credential: str | None, session_id: str, body: Any) -> httpx.Request:
    """``POST /chat/sessions/{session_id}/attachments/upload-url``."""
    return _json("POST", target.url(f"/chat/sessions/{_segment(session_id)}/attachments/upload-url"), credential, body)


def list_messages(target: Target, credential: str | None, session_id: str, cursor: str | None = None) -> httpx.Request:
    """``GET /chat/sessions/{session_id}/messages``; ``cursor`` from ``meta.pagination.next_cursor`` (contract G9)."""
    url = target.url(f"/chat/sessions/{_segment(session_id)}/messages")
    if cursor is not None:
        url += f"?cursor={_quoted(cursor)}"
    return httpx.Request("GET", url, headers=_headers(credential, JSON_TYPE))


def tail_events(
    target: Target,
    credential: str | None,
    session_id: str,
    *,
    since: str | None = None,
    last_event_id: str | None = None,
) -> httpx.Request:
    """``GET /chat/sessions/{session_id}/events``: from ``since`` by query, or from ``last_event_id`` by header."""
    url = target.url(f"/chat/sessions/{_segment(session_id)}/events")
    if since is not None:
        url += f"?since={_quoted(since)}"
    headers = _headers(credential, "text/event-stream")
    headers.append((b"Cache-Control", b"no-store"))
    if last_event_id is not None:
        headers.append((b"Last-Event-Id", last_event_id.encode("utf-8", "surrogatepass")))
    return httpx.Request("GET", url, headers=headers)


def put_blob(upload_url: str, mime: str, content: bytes) -> httpx.Request:
    """``PUT`` to the signed address: the two headers, and no bearer, for it goes to another host.

    :raises ValueError: when the target's ``upload_url`` is no address that can be sent to.
    """
    headers = [
        (b"x-ms-blob-type", b"BlockBlob"),
        (b"x-ms-blob-content-type", mime.encode()),
        (b"Content-Type", mime.encode()),
        *_CLIENT,
    ]
    try:
        return httpx.Request("PUT", upload_url, headers=headers, content=content)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise ValueError(f"upload_url cannot be used: {error}") from None


def _json(method: str, url: str, credential: str | None, body: Any) -> httpx.Request:
    """A request with a JSON body; ``bytes`` are sent as they are, so that malformed JSON can be sent too."""
    content = body if isinstance(body, bytes) else _encoded(body)
    headers = [*_headers(credential, JSON_TYPE), (b"Content-Type", JSON_TYPE.encode())]
    return httpx.Request(method, url, headers=headers, content=content)


def _encoded(body: Any) -> bytes:
    """JSON in UTF-8, as most clients write it; half a surrogate pair has no bytes there, and leaves as its escape."""
    try:
        return json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(body).encode()


def _headers(credential: str | None, accept: str) -> list[tuple[bytes, bytes]]:
    headers = [(b"Accept", accept.encode()), *_CLIENT]
    if credential is not None:
        headers.append((b"Authorization", credential.encode("utf-8")))
    return headers


def _segment(session_id: str) -> str:
    return _quoted(session_id)


def _quoted(text: str) -> str:
    """Percent-encoded. What the target gave may hold half a surrogate pair: it is sent back as it came."""
    return quote(text, safe="", errors="surrogatepass")
