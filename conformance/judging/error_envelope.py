"""Whether an answer is the documented error envelope ``{error: {code, message, details?}, meta: {request_id}}``."""

from __future__ import annotations

from typing import Any

from conformance.recording import Exchange

EXPECTED = (
    "an error is JSON of the form {error: {code, message, details?}, meta: {request_id}}, with a JSON content type"
)


def fault(exchange: Exchange) -> str | None:
    """What is wrong with the envelope, in a few words; None where nothing is. For an answer that came whole."""
    received = exchange.received
    if received is None:
        return "there is no answer"
    if not received.is_json:
        return f"the content type is {received.header('content-type') or 'missing'}"
    return body_fault(received.json)


def body_fault(body: Any) -> str | None:
    """The same for a parsed body. ``details`` may be null: no page says that it must be left out instead."""
    if not isinstance(body, dict):
        return "the body is no JSON object"
    error = body.get("error")
    if not isinstance(error, dict):
        return "the body has no object `error`"
    code = error.get("code")
    if not isinstance(code, str) or not code:
        return "`error.code` is no string with content"
    if not isinstance(error.get("message"), str):
        return "`error.message` is no string"
    if not isinstance(error.get("details"), dict | None):
        return "`error.details` is no object"
    return request_id_fault(body)


def request_id_fault(body: Any) -> str | None:
    """What is wrong with ``meta.request_id`` of any JSON answer; None where nothing is."""
    meta = body.get("meta") if isinstance(body, dict) else None
    if not isinstance(meta, dict):
        return "the body has no object `meta`"
    request_id = meta.get("request_id")
    if not isinstance(request_id, str) or not request_id.strip():
        return "`meta.request_id` is no string with content"
    return None
