"""Cases of ERR: what an error looks like, and what has to be one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.recording import Exchange, Recording
from tests.judges import edits
from tests.judges.cases import broken, lawful

TRACEBACK = 'Traceback (most recent call last):\n  File "/srv/app/api.py", line 12, in post\nKeyError: 1'


def _errors(exchange: Exchange) -> bool:
    return exchange.status >= 400 and edits.answered_json(exchange)


def _error(**values: Any) -> Any:
    def change(body: Any) -> None:
        body["error"] = {k: v for k, v in {**body["error"], **values}.items() if v is not ...}

    return change


def _unanswered(exchange: Exchange, problem: str = "RemoteProtocolError: Server disconnected") -> Exchange:
    return replace(exchange, received=None, ending="no-answer", problem=problem)


@broken("ERR-01", because="a framework's own form of error")
def detail_in_place_of_an_envelope(r: Recording) -> Recording:
    return edits.json_body(r, edits.named("strangers/missing-1/list-messages"), lambda _: {"detail": "Not Found"})


@broken("ERR-01", because="the error is a string")
def error_is_a_string(r: Recording) -> Recording:
    return edits.json_body(r, edits.named("refusals/refuse-truncated"), lambda b: {**b, "error": "bad"})


@broken("ERR-01", because="the code is a number")
def code_is_a_number(r: Recording) -> Recording:
    return edits.json_body(r, edits.named("sessions/create-both"), _error(code=400))


@broken("ERR-01", because="there is no message")
def no_message(r: Recording) -> Recording:
    return edits.json_body(r, edits.named("uploads/refuse-no-type"), _error(message=...))


@broken("ERR-01", because="details is a list")
def details_is_a_list(r: Recording) -> Recording:
    return edits.json_body(r, edits.named("uploads/refuse-no-type"), _error(details=["content_type"]))


@broken("ERR-01", because="the error of a tail is HTML")
def html_for_a_tail(r: Recording) -> Recording:
    return edits.body(r, edits.named("strangers/missing-2/tail-events"), b"<html>404</html>", "text/html")


@broken("ERR-01", because="the envelope comes as text/plain")
def envelope_as_plain_text(r: Recording) -> Recording:
    return edits.header(r, edits.named("duplicates/after-1"), "content-type", "text/plain")


@broken("ERR-02", because="an unknown session is 400")
def unknown_session_is_400(r: Recording) -> Recording:
    return edits.status(r, edits.named("strangers/missing-1/append-message"), 400)


@broken("ERR-02", because="the messages of an unknown session are an empty list")
def unknown_session_is_empty(r: Recording) -> Recording:
    body = {"data": [], "meta": {"request_id": "3c90c3cc-0d44-4b50-8888-8dd25736052a"}}
    return edits.answer(r, edits.named("strangers/missing-1/list-messages"), 200, body)


@broken("ERR-02", because="an unknown session is 403")
def unknown_session_is_403(r: Recording) -> Recording:
    return edits.status(r, edits.named("strangers/missing-2/request-upload-url"), 403)


@broken("ERR-03", because="a truncated body is accepted")
def truncated_body_is_accepted(r: Recording) -> Recording:
    return edits.status(r, edits.named("refusals/refuse-truncated"), 202)


@broken("ERR-03", because="a number is taken for a text")
def number_as_text(r: Recording) -> Recording:
    return edits.status(r, edits.named("refusals/refuse-message-number"), 202)


@broken("ERR-03", because="a wrong type of an upload's content_type is 500")
def wrong_type_is_500(r: Recording) -> Recording:
    return edits.status(r, edits.named("uploads/refuse-type-number"), 500)


@broken("ERR-03", because="a list as body creates a session")
def list_creates_a_session(r: Recording) -> Recording:
    return edits.status(r, edits.named("sessions/create-body-list"), 201)


@broken("ERR-04", because="half a surrogate pair is 500")
def surrogate_is_500(r: Recording) -> Recording:
    return edits.answer(r, edits.named("refusals/refuse-text-lone-surrogate"), 500, edits.error(500))


@broken("ERR-04", because="a title with a NUL is 503")
def nul_is_503(r: Recording) -> Recording:
    return edits.answer(r, edits.named("sessions/create-title-nul"), 503, edits.error(503))


@broken("ERR-04", because="a malformed cursor is 500")
def cursor_is_500(r: Recording) -> Recording:
    return edits.answer(r, edits.named("cursors/malformed-word-query"), 500, edits.error(500))


@broken("ERR-04", because="one request is dropped as often as it is sent")
def dropped_twice(r: Recording) -> Recording:
    name = "refusals/refuse-nested-20000"
    dropped = edits.edit(r, edits.named(name), _unanswered)
    last = next(e for e in dropped.exchanges if e.name == name)
    first = replace(last, step=f"{last.step}/outage-1", facts={**last.facts, "outage": True})
    return replace(dropped, exchanges=(*dropped.exchanges, first))


@broken("ERR-04", because="an outage is still there when the request is sent again")
def outage_that_stays(r: Recording) -> Recording:
    name = "refusals/refuse-nested-20000"
    failing = edits.answer(r, edits.named(name), 503, edits.error(503))
    last = next(e for e in failing.exchanges if e.name == name)
    first = replace(last, step=f"{last.step}/outage-1", facts={**last.facts, "outage": True})
    return replace(failing, exchanges=(*failing.exchanges, first))


@broken("ERR-05", because="the details have a stack trace")
def details_have_a_stack_trace(r: Recording) -> Recording:
    return edits.json_body(r, edits.named("refusals/refuse-body-list"), _error(details={"trace": TRACEBACK}))


@broken("ERR-05", because="the message is the database's")
def message_of_redis(r: Recording) -> Recording:
    text = "Invalid stream ID specified as stream command argument"
    return edits.json_body(r, edits.named("cursors/malformed-word-query"), _error(message=text))


@broken("ERR-05", because="the message has the path of a source file")
def message_has_a_path(r: Recording) -> Recording:
    text = "assertion failed in /srv/neo/chat/routes/messages.py"
    return edits.json_body(r, edits.named("refusals/refuse-seven"), _error(message=text))


@lawful("ERR-01", because="codes in any case, details null or left out, further fields")
def other_lawful_errors(r: Recording) -> Recording:
    def change(body: Any) -> None:
        details = body["error"].pop("details", None)
        body["error"].update(code="validation_Error", help="https://docs.neoagent.io/developers/errors")
        body["trace"] = "none"
        if details is None:
            body["error"]["details"] = None

    named = ("duplicates/", "racing/", "attachments/duplicate")  # a conflict may have the original id in its details
    return edits.json_body(r, lambda e: _errors(e) and not e.name.startswith(named), change)


@lawful("ERR-01", because="the content type of a problem document, with a parameter")
def problem_content_type(r: Recording) -> Recording:
    return edits.header(r, _errors, "content-type", "application/problem+json; charset=utf-8")


@lawful("ERR-01", "ERR-04", because="a proxy refuses a body for its size, in its own form")
def proxy_refuses_a_large_body(r: Recording) -> Recording:
    pick = edits.named("refusals/refuse-text-megabyte")
    return edits.body(edits.status(r, pick, 413), pick, b"<html>413</html>", "text/html")


@lawful("ERR-02", because="ids are opaque, and one of another form is malformed")
def opaque_session_ids(r: Recording) -> Recording:
    pick = edits.named("strangers/missing-*")
    return edits.status(edits.facts(r, pick, session="chs_9f8K2", asked="chs_1x7Q4"), pick, 422)


@lawful("ERR-03", "ERR-04", "TIER-02", "ATT-02", because="422 in place of 400")
def unprocessable(r: Recording) -> Recording:
    return edits.status(r, lambda e: e.status == 400 and e.operation != "tail-events", 422)


@lawful("ERR-04", "ERR-01", "RATE-01", because="an outage is over when the request is sent again")
def outage_that_passes(r: Recording) -> Recording:
    last = next(e for e in r.exchanges if e.name == "dialogue/messages")
    gone = replace(last, step="messages/outage-1", facts={**last.facts, "outage": True})
    with_it = replace(r, exchanges=(*r.exchanges, gone))
    pick = edits.named("dialogue/messages/outage-1")
    return edits.body(edits.status(with_it, pick, 503), pick, b"<html>503</html>", "text/html")


@lawful("ERR-04", because="one connection was dropped, which proves nothing", ERR_04="untested")
def dropped_once(r: Recording) -> Recording:
    return edits.edit(r, edits.named("refusals/refuse-id-nul"), _unanswered)


@lawful("ERR-05", because="an error quotes what was sent, a page, a field and a parser")
def harmless_details(r: Recording) -> Recording:
    def apply(exchange: Exchange) -> Exchange:
        body = exchange.json
        body["error"]["message"] = (
            "Expecting ',' delimiter: line 1 column 12 (char 11). See https://docs.neoagent.io/a/b.js"
        )
        body["error"]["details"] = {
            "loc": ["body", "attachments", 0, "blob_path"],
            "pointer": "/attachments/0/blob_path",
            "path": exchange.sent.path,
            "input": exchange.sent.body.decode("utf-8", "replace")[:5000],
            "url": "https://errors.pydantic.dev/2.5/v/string_type",
            "type": "value_error.missing",
        }
        edited = edits.json_body(replace(r, exchanges=(exchange,)), edits.every, lambda _: body)
        return edited.exchanges[0]

    return edits.edit(r, lambda e: _errors(e) and e.journey == "refusals", apply)
