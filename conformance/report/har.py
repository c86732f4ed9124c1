"""``recording.har``: the recording as an HTTP Archive 1.2, which a browser's network panel opens.

What HAR has no word for is in custom fields, whose names begin with an underscore as HAR demands: of an entry ``_exchange``
(journey/step), ``_credential``, ``_ending``, ``_facts``; of a response ``_eventStream``, the SSE frames of a tail, each with
``time`` (Unix seconds), ``id``, ``event``, ``retry`` and ``data``; and ``_pieces``, when how many bytes came. Bodies are as
recorded: decoded, and with the secrets taken out.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from harfile import HAR_VERSION, Content, PostData, Record, Request, Response, Timings

from conformance.recording import Exchange, Headers, Received, Recording
from conformance.recording_file import write_whole

FILE_NAME = "recording.har"
MOST_PIECES = 10_000
"""Of one answer; a target may send a byte at a time."""
MOST_BODIES = 48 * 1024 * 1024
"""Bytes of all bodies of an archive; a browser opens no larger one. What is left out is told, and in the recording."""
_URL_CHARACTERS = "%/:=&?~#+!$,;'@()*[]"


def write(recording: Recording, folder: Path) -> Path:
    """Write the archive into the folder, whole or not at all.

    :raises OSError: when it cannot be written.
    """
    path = folder / FILE_NAME
    write_whole(path, json.dumps(archive(recording), ensure_ascii=True, separators=(",", ":")))
    return path


def archive(recording: Recording) -> dict[str, Any]:
    """The recording as the JSON value of an archive, its entries in the order in which they were sent."""
    room = _Room(MOST_BODIES)
    return {
        "log": {
            "version": HAR_VERSION,
            "creator": {"name": "neo-conformance", "version": recording.suite},
            "comment": f"target {recording.target}, spec {recording.spec}",
            "pages": [],
            "entries": [_entry(exchange, recording.epoch, room) for exchange in recording.exchanges],
        }
    }


class _Room:
    """How many bytes of bodies the archive still takes."""

    def __init__(self, left: int) -> None:
        self._left = left

    def takes(self, size: int) -> bool:
        """Whether a body of that size still goes in; then it is counted."""
        if size > self._left:
            return False
        self._left -= size
        return True


def _entry(exchange: Exchange, epoch: float, room: _Room) -> dict[str, Any]:
    wait = _milliseconds(exchange.answered_at - exchange.sent_at)
    receive = _milliseconds(exchange.ended_at - exchange.answered_at)
    entry: dict[str, Any] = {
        "startedDateTime": _moment(epoch + exchange.sent_at),
        "time": round(wait + receive, 3),
        "request": _request(exchange),
        "response": _response(exchange, epoch, room),
        "cache": {},
        "timings": Timings(send=0, wait=wait, receive=receive).asdict(),
        "_exchange": exchange.name,
        "_credential": exchange.credential,
        "_ending": exchange.ending,
        "_facts": dict(exchange.facts),
    }
    if exchange.problem:
        entry["comment"] = exchange.problem
    return entry


def _request(exchange: Exchange) -> dict[str, Any]:
    sent = exchange.sent
    post: dict[str, Any] | None = None
    if sent.body:
        text, encoding = _text(sent.body)
        post = PostData(mimeType=_whole(sent.header("content-type") or ""), text=text).asdict()
        if encoding:
            post["_encoding"] = encoding
    request = Request(
        method=sent.method,
        url=quote(_whole(sent.url), safe=_URL_CHARACTERS),
        httpVersion=exchange.received.http_version if exchange.received else "HTTP/1.1",
        headers=_records(sent.headers),
        queryString=[
            Record(name=_whole(name), value=_whole(value))
            for name, value in parse_qsl(urlsplit(_whole(sent.url)).query, keep_blank_values=True)
        ],
        bodySize=len(sent.body),
    ).asdict()
    return request if post is None else {**request, "postData": post}


def _response(exchange: Exchange, epoch: float, room: _Room) -> dict[str, Any]:
    received = exchange.received
    if received is None:
        return Response(status=0, statusText="", httpVersion="", comment="no answer came").asdict()
    kept = room.takes(len(received.body))
    text, encoding = _text(received.body) if kept else (None, None)
    response = Response(
        status=received.status,
        statusText=_reason(received.status),
        httpVersion=received.http_version,
        headers=_records(received.headers),
        content=Content(
            size=len(received.body),
            mimeType=_whole(received.header("content-type") or ""),
            text=text,
            encoding=encoding,
        ),
        redirectURL=_whole(received.header("location") or ""),
        bodySize=-1,  # as it was on the wire is not recorded
    ).asdict()
    if not kept:
        response["content"]["comment"] = "left out for its size; the recording has it"
    response["_pieces"] = [
        {"time": round(epoch + piece.at, 6), "size": len(piece.data)} for piece in received.pieces[:MOST_PIECES]
    ]
    if kept and exchange.operation == "tail-events":
        response["_eventStream"] = _frames(received, epoch)
    return response


def _frames(received: Received, epoch: float) -> list[Mapping[str, Any]]:
    return [
        {
            "time": round(epoch + frame.at, 6),
            "id": frame.event.id,
            "event": frame.event.event,
            "retry": frame.event.retry,
            "data": frame.event.data,
        }
        for frame in received.frames
    ]


def _records(headers: Headers) -> list[Record]:
    return [Record(name=_whole(name), value=_whole(value)) for name, value in headers]


def _text(body: bytes) -> tuple[str | None, str | None]:
    """A body as text, or where it is no UTF-8 in Base64; and the name of that encoding."""
    try:
        return body.decode("utf-8"), None
    except UnicodeDecodeError:
        return base64.b64encode(body).decode("ascii"), "base64"


def _whole(text: str) -> str:
    """``text`` without halves of surrogate pairs, which many readers of JSON refuse."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _milliseconds(seconds: float) -> float:
    return round(max(0.0, seconds) * 1000, 3)


def _moment(at: float) -> str:
    started = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=at)
    return started.isoformat(timespec="milliseconds").replace("+00:00", "Z")
