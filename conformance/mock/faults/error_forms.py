"""Errors that are no error envelope, on one path each (ERR-01)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.mock.answering import as_text, bad_input, error, with_answers, with_bodies, with_limit
from conformance.mock.behaviour import Behaviour
from conformance.mock.faults.registry import fault
from conformance.mock.layers import Answer, Asking


def _is(status: int) -> Any:
    return lambda given: given == status


@fault("ERR-01", "ENV-01", mistake="FastAPI's own HTTPException, which nobody turns into the envelope")
def not_found_as_detail(server: Behaviour) -> Behaviour:
    """The 404 of a session is {"detail": …} on all operations."""
    return with_bodies(server, lambda _, body: {"detail": body["error"]["message"]}, when=_is(404))


@fault(
    "ERR-01",
    "ENV-01",
    mistake="the handler for RequestValidationError is registered on the main app, not on this router",
)
def invalid_grant_as_detail(server: Behaviour) -> Behaviour:
    """Bad input for an upload-url is {"detail": [{loc, msg, type}]}."""

    def change(_: Asking, __: Any) -> Any:
        return {"detail": [{"loc": ["body", "content_type"], "msg": "Field required", "type": "missing"}]}

    return with_bodies(server, change, "grant", when=bad_input)


@fault("ERR-01", mistake="the body parser answers by itself, before any handler of errors")
def malformed_json_as_html(server: Behaviour) -> Behaviour:
    """A message that is no JSON is refused with an HTML page."""

    def change(asking: Asking, answer: Answer) -> Answer:
        if not asking.body or asking.json is not None:
            return answer
        return as_text(answer, "<!doctype html><title>Bad Request</title><h1>Bad Request</h1>", "text/html")

    return with_answers(server, change, "append", when=bad_input)


@fault("ERR-01", "ENV-01", mistake="the conflict is answered where it is found, by hand")
def conflict_without_envelope(server: Behaviour) -> Behaviour:
    """A 409 is a bare object with the original id."""

    def change(_: Asking, body: Any) -> Any:
        return {"conflict": True, **body["error"].get("details", {})}

    return with_bodies(server, change, "append", when=_is(409))


@fault("ERR-01", "ENV-01", mistake="the guard of this route ends the response without a body")
def forbidden_without_body(server: Behaviour) -> Behaviour:
    """A 403 has no body."""
    return with_answers(server, lambda _, answer: replace(answer, body=b""), "create", when=_is(403))


@fault("ERR-01", mistake="pydantic's list of errors is put into details as it is")
def details_as_list(server: Behaviour) -> Behaviour:
    """details is a list in an error about fields."""

    def change(_: Asking, body: Any) -> None:
        details = body["error"].get("details")
        if details and "errors" in details:
            body["error"]["details"] = details["errors"]

    return with_bodies(server, change, when=bad_input)


@fault("ERR-01", mistake="the code is the status, as in the gateway's own errors")
def code_as_number(server: Behaviour) -> Behaviour:
    """error.code of a refused tail is the number of its status."""

    def change(asking: Asking, body: Any) -> None:
        body["error"]["code"] = 404 if asking.operation == "tail" else body["error"]["code"]

    return with_bodies(server, change, "tail", when=_is(404))


@fault("ERR-01", mistake="an exception without arguments: its message is null")
def message_is_null(server: Behaviour) -> Behaviour:
    """error.message is null in the errors of the replay."""

    def change(_: Asking, body: Any) -> None:
        body["error"]["message"] = None

    return with_bodies(server, change, "replay", when=error)


@fault("ERR-01", "ENV-01", mistake="the limiter is a middleware of its own, which answers in plain text")
def limited_as_text(server: Behaviour) -> Behaviour:
    """A 429 is the plain text "Too Many Requests"."""
    limited = with_limit(server, 40)
    return with_answers(limited, lambda _, answer: as_text(answer, "Too Many Requests"), when=_is(429))
