"""The two JSON envelopes: ``{data, meta}`` (G4) and ``{error, meta}`` (G5)."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from typing import Any

from starlette.requests import HTTPConnection
from starlette.responses import Response

from conformance.mock.policy import Policy


class ApiError(Exception):
    """A refusal with its status, its stable code, a sentence for people and, where useful, ``details`` (G5, G6)."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        details: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.headers = headers


def no_such_session() -> ApiError:
    """The 404 of a session: one text for a session that is not there and for one of another tenant (G6)."""
    return ApiError(404, "NOT_FOUND", "Chat session not found.")


def unavailable() -> ApiError:
    """The 503 of a store that does not answer; it says nothing about the store (G8: retry with backoff)."""
    return ApiError(503, "SERVICE_UNAVAILABLE", "The service cannot answer at the moment. Try again.")


def success(
    connection: HTTPConnection, data: Any, status: int = 200, pagination: Mapping[str, Any] | None = None
) -> Response:
    """A success envelope.

    :param pagination: ``{has_more, next_cursor}`` of a list; any other answer has the pair that means "no more".
    """
    policy = policy_of(connection)
    meta: dict[str, Any] = {"request_id": str(uuid.uuid4())}
    if policy.meta == "full":
        started = connection.scope.get("mock.started", time.perf_counter())
        meta["timings_ms"] = {"total": round((time.perf_counter() - started) * 1000, 3)}
        meta["pagination"] = {"has_more": False, "next_cursor": None}
        meta["warnings"] = []
    if pagination is not None:
        meta["pagination"] = dict(pagination)
    body: dict[str, Any] = {"data": data, "meta": meta}
    if policy.extra_fields:
        # A field that no page names, at every level a client may read (G2).
        body["x_added_later"] = {"nested": [1, None, True]}
        meta["x_added_later"] = "unknown"
        if isinstance(data, dict):
            body["data"] = {**data, "x_added_later": None}
    return Response(encode(body), status, media_type="application/json")


def refusal(connection: HTTPConnection, error: ApiError) -> Response:
    """The error envelope of ``error``."""
    about: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.details is not None:
        about["details"] = dict(error.details)
    body: dict[str, Any] = {"error": about, "meta": {"request_id": str(uuid.uuid4())}}
    if policy_of(connection).extra_fields:
        about["x_added_later"] = 1
        body["x_added_later"] = {}
    return Response(encode(body), error.status, dict(error.headers or {}), media_type="application/json")


def policy_of(connection: HTTPConnection) -> Policy:
    """The policy of the server that got this request."""
    policy: Policy = connection.scope["mock.policy"]
    return policy


def encode(value: Any) -> bytes:
    """JSON as UTF-8, with no ``NaN`` in it."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
