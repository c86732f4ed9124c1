"""ENV: what is around every JSON answer."""

from __future__ import annotations

import uuid
from typing import Any

from conformance.findings import Unobservable, Untested, broken, requirement
from conformance.judging.answers import json_answers
from conformance.judging.error_envelope import request_id_fault
from conformance.judging.statuses import successful
from conformance.recording import Exchange, Recording

_NO_JSON = "no JSON answer was recorded"


@requirement("ENV-01")
def test_every_json_answer_has_a_request_id(recording: Recording) -> None:
    """``meta.request_id`` is a string with content, in successes and in errors."""
    judged = False
    for exchange in json_answers(recording):
        judged = True
        wrong = request_id_fault(exchange.json)
        if wrong is not None:
            broken(
                exchange,
                expected="every JSON answer is an object whose `meta.request_id` is a non-empty string",
                came=f"{wrong}, in an answer {exchange.status}",
            )
    if not judged:
        raise Untested(_NO_JSON)


@requirement("ENV-02")
def test_the_request_id_is_a_uuid(recording: Recording) -> None:
    """Any version, and any textual form that a uuid has."""
    ids = _request_ids(recording)
    if not ids:
        raise Unobservable("no answer has a request id")
    for request_id, exchange in ids:
        if not _is_uuid(request_id):
            broken(exchange, expected="`meta.request_id` is a uuid", came=f"the request id {request_id[:80]!r}")


@requirement("ENV-02")
def test_no_two_answers_share_a_request_id(recording: Recording) -> None:
    """Each request has an id of its own."""
    ids = _request_ids(recording)
    if len(ids) < 2:
        raise Unobservable("fewer than two answers have a request id")
    first: dict[str, Exchange] = {}
    for request_id, exchange in ids:
        other = first.setdefault(request_id, exchange)
        if other is not exchange:
            broken(
                exchange,
                other,
                expected="every request has a request id of its own",
                came=f"{other.name} and {exchange.name} both have the request id {request_id[:80]!r}",
            )


@requirement("ENV-03")
def test_the_rest_of_meta_has_its_types(recording: Recording) -> None:
    """``timings_ms``, ``pagination`` and ``warnings``, where a success gives them; a null in their place is open."""
    seen = False
    for exchange in json_answers(recording):
        body = exchange.json
        meta = body.get("meta") if isinstance(body, dict) else None
        if not successful(exchange) or not isinstance(meta, dict):
            continue
        seen = seen or any(meta.get(name) is not None for name in ("timings_ms", "pagination", "warnings"))
        wrong = _meta_fault(meta)
        if wrong is not None:
            broken(
                exchange,
                expected="meta.timings_ms is an object, meta.pagination {has_more: boolean, next_cursor: string or null}, "
                "meta.warnings a list of strings",
                came=wrong,
            )
    if not seen:
        raise Unobservable("no answer has timings, pagination or warnings")


def _meta_fault(meta: dict[str, Any]) -> str | None:
    timings, pagination, warnings = meta.get("timings_ms"), meta.get("pagination"), meta.get("warnings")
    if not isinstance(timings, dict | None):
        return "`meta.timings_ms` is no object"
    if not isinstance(pagination, dict | None):
        return "`meta.pagination` is no object"
    if pagination is not None:
        if "has_more" in pagination and not isinstance(pagination["has_more"], bool):
            return "`meta.pagination.has_more` is no boolean"
        if not isinstance(pagination.get("next_cursor"), str | None):
            return "`meta.pagination.next_cursor` is neither a string nor null"
    if not isinstance(warnings, list | None):
        return "`meta.warnings` is no list"
    if not all(isinstance(one, str) for one in warnings or ()):
        return "`meta.warnings` has an element that is no string"
    return None


def _request_ids(recording: Recording) -> list[tuple[str, Exchange]]:
    """The request ids that are there and well typed; the others are ENV-01's matter."""
    return [(e.json["meta"]["request_id"], e) for e in json_answers(recording) if request_id_fault(e.json) is None]


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
