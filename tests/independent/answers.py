"""Bodies in JSON: what is read from a request, and the envelopes of success and refusal."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any, NoReturn

from aiohttp import web

from .variants import Manners


class Refusal(Exception):  # noqa: N818 - an answer, not a failure of the server
    """The request is answered with an error envelope."""

    def __init__(self, status: int, code: str, message: str, details: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details


def missing(what: str) -> Refusal:
    """There is no such thing, or it belongs to somebody else: one answer for both."""
    return Refusal(404, "NOT_FOUND", f"There is no such {what}.")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


async def read_object(request: web.Request) -> dict[str, Any]:
    """The request's body; no bytes at all are an object without fields."""
    raw = await request.read()
    try:
        # Python's parser takes NaN and Infinity, which are no JSON.
        body = json.loads(raw.decode("utf-8"), parse_constant=_no_constant) if raw else {}
    except (ValueError, RecursionError):
        raise Refusal(400, "malformed_json", "The body is not JSON.") from None
    if not isinstance(body, dict):
        raise Refusal(400, "malformed_body", "The body must be an object.")
    return body


class Clerk:
    """Writes the answers of one request."""

    def __init__(self, manners: Manners) -> None:
        self._manners = manners
        self._began = time.perf_counter()
        self.request_id = str(uuid.uuid4())

    def success(self, status: int, data: object, pagination: dict[str, Any] | None = None) -> web.Response:
        """`{data, meta}`."""
        meta: dict[str, Any] = {"request_id": self.request_id}
        if self._manners.full_meta:
            elapsed = round((time.perf_counter() - self._began) * 1000, 3)
            meta |= {"timings_ms": {"total": elapsed}, "pagination": pagination, "warnings": []}
        elif pagination is not None:
            meta["pagination"] = pagination
        return self._write(status, {"data": data, "meta": meta})

    def refusal(self, refusal: Refusal) -> web.Response:
        """`{error, meta}`."""
        error: dict[str, Any] = {"code": refusal.code, "message": refusal.message}
        if refusal.details is not None:
            error["details"] = refusal.details
        response = self._write(refusal.status, {"error": error, "meta": {"request_id": self.request_id}})
        if refusal.status == 401:
            response.headers["WWW-Authenticate"] = 'Bearer realm="neo"'
        return response

    def _write(self, status: int, body: dict[str, Any]) -> web.Response:
        if self._manners.unescaped:
            # A lone surrogate has no UTF-8; it can only be written as an escape.
            text = json.dumps(body, ensure_ascii=False, indent=2)
            payload = text.encode() if _encodable(text) else json.dumps(body).encode()
        else:
            payload = json.dumps(body, separators=(",", ":")).encode()
        response = web.Response(status=status, body=payload, content_type="application/json", charset="utf-8")
        if self._manners.compressed:
            response.enable_compression()
        return response


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
