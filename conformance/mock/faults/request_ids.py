"""The ``meta`` of an answer (ENV)."""

from __future__ import annotations

import uuid
from typing import Any

from conformance.mock.answering import error, with_bodies
from conformance.mock.behaviour import Behaviour
from conformance.mock.faults.registry import fault
from conformance.mock.layers import Answer, Asking, answers


@fault("ENV-01", mistake="the field was renamed in the replay's serializer alone")
def replay_without_request_id(server: Behaviour) -> Behaviour:
    """The replay's meta has no request_id."""

    def change(asking: Asking, answer: Answer) -> Answer:
        if asking.operation != "replay" or answer.status != 200:
            return answer
        body = answer.json
        del body["meta"]["request_id"]
        return answer.with_json(body)

    return server.with_layer(answers(change))


@fault("ENV-01", "ERR-01", mistake="the handler of the body parser's errors runs before the request has an id")
def malformed_body_without_request_id(server: Behaviour) -> Behaviour:
    """The error for a body that is no JSON has an empty request_id."""

    def change(asking: Asking, body: Any) -> None:
        if asking.body and asking.json is None:
            body["meta"]["request_id"] = ""

    return with_bodies(server, change, when=error)


@fault("ENV-01", mistake="the id is taken over from the caller's X-Request-Id and never made anew")
def request_id_from_the_caller_only(server: Behaviour) -> Behaviour:
    """request_id is null in a grant, unless the caller has sent an X-Request-Id."""

    def change(asking: Asking, body: Any) -> None:
        body["meta"]["request_id"] = asking.headers.get("x-request-id")

    return with_bodies(server, change, "grant")


@fault("ENV-01", mistake="the id is a snowflake, and written as the number it is")
def request_id_as_number(server: Behaviour) -> Behaviour:
    """request_id is a number in the answer to a new session."""

    def change(_: Asking, body: Any) -> None:
        body["meta"]["request_id"] = uuid.uuid4().int >> 80

    return with_bodies(server, change, "create")


@fault("ENV-01", "ERR-01", mistake="the 404 of a session is thrown by a library that knows of an error, but of no meta")
def not_found_without_meta(server: Behaviour) -> Behaviour:
    """The 404 of a tail has no meta."""
    return with_bodies(server, lambda _, body: {"error": body["error"]}, "tail", when=lambda status: status == 404)


@fault("ENV-02", mistake="uuid4() as the default of a parameter, which Python evaluates once")
def constant_request_id(server: Behaviour) -> Behaviour:
    """request_id is the same in all answers."""
    constant = str(uuid.uuid4())

    def change(_: Asking, body: Any) -> None:
        body["meta"]["request_id"] = constant

    return with_bodies(server, change, when=lambda _: True)


@fault("ENV-02", mistake="the id comes from the proxy, which writes one of its own form")
def request_id_is_no_uuid(server: Behaviour) -> Behaviour:
    """request_id is "req_" and 16 letters."""

    def change(_: Asking, body: Any) -> None:
        body["meta"]["request_id"] = f"req_{uuid.uuid4().hex[:16]}"

    return with_bodies(server, change, when=lambda _: True)


@fault("ENV-02", mistake="errors are built once, as constants, with their meta")
def request_id_shared_by_errors(server: Behaviour) -> Behaviour:
    """All errors 404 have one request_id."""
    constant = str(uuid.uuid4())

    def change(_: Asking, body: Any) -> None:
        body["meta"]["request_id"] = constant

    return with_bodies(server, change, when=lambda status: status == 404)


@fault("ENV-03", mistake="the total is written where an object of timings belongs")
def timings_as_number(server: Behaviour) -> Behaviour:
    """timings_ms is a number."""

    def change(_: Asking, body: Any) -> None:
        body["meta"]["timings_ms"] = body["meta"]["timings_ms"]["total"]

    return with_bodies(server, change)


@fault("ENV-03", mistake="the warnings are joined for a log line, and the joined text is put into the answer")
def warnings_as_text(server: Behaviour) -> Behaviour:
    """warnings is an empty string in a 202."""

    def change(_: Asking, body: Any) -> None:
        body["meta"]["warnings"] = ""

    return with_bodies(server, change, "append")


@fault("ENV-03", mistake="has_more comes from a template or a query string, where it is text")
def has_more_as_text(server: Behaviour) -> Behaviour:
    """pagination.has_more of the replay is the string "false"."""

    def change(_: Asking, body: Any) -> None:
        body["meta"]["pagination"]["has_more"] = "true" if body["meta"]["pagination"]["has_more"] else "false"

    return with_bodies(server, change, "replay")


@fault("ENV-03", mistake="an offset is given as the next cursor, and 0 where there is none")
def next_cursor_as_number(server: Behaviour) -> Behaviour:
    """pagination.next_cursor of the replay is 0 on the last page."""

    def change(_: Asking, body: Any) -> None:
        if body["meta"]["pagination"]["next_cursor"] is None:
            body["meta"]["pagination"]["next_cursor"] = 0

    return with_bodies(server, change, "replay")
