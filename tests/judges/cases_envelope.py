"""Cases of ENV: what is around a JSON answer."""

from __future__ import annotations

from itertools import count
from typing import Any

from conformance.recording import Exchange, Recording
from tests.judges import edits
from tests.judges.cases import broken, lawful


def _json_of_the_api(exchange: Exchange) -> bool:
    return edits.answered_json(exchange) and isinstance(exchange.json, dict) and exchange.operation != "put-blob"


def _success(exchange: Exchange) -> bool:
    return _json_of_the_api(exchange) and exchange.status < 300


def _meta(**values: Any) -> Any:
    """Sets fields of ``meta``; ``...`` takes one away."""

    def change(body: Any) -> None:
        body["meta"] = {k: v for k, v in {**body["meta"], **values}.items() if v is not ...}

    return change


@broken("ENV-01", because="a success has no request id")
def no_request_id_in_a_success(r: Recording) -> Recording:
    return edits.json_body(r, edits.named("preflight/session"), _meta(request_id=...))


@broken("ENV-01", because="an error has no request id")
def no_request_id_in_an_error(r: Recording) -> Recording:
    return edits.json_body(r, edits.named("refusals/refuse-body-list"), _meta(request_id=...))


@broken("ENV-01", because="the error of a tail has no meta")
def no_meta_in_the_error_of_a_tail(r: Recording) -> Recording:
    return edits.json_body(r, edits.named("strangers/missing-1/tail-events"), lambda b: {"error": b["error"]})


@broken("ENV-01", because="the request id is a number")
def request_id_is_a_number(r: Recording) -> Recording:
    return edits.json_body(r, edits.named("attachments/grant-1"), _meta(request_id=42))


@broken("ENV-01", because="the request id is empty")
def request_id_is_empty(r: Recording) -> Recording:
    return edits.json_body(r, edits.named("dialogue/messages"), _meta(request_id=""))


@broken("ENV-01", because="the body is a bare list")
def body_is_a_bare_list(r: Recording) -> Recording:
    return edits.json_body(r, edits.named("dialogue/messages"), lambda b: b["data"])


@broken("ENV-01", because="a success without meta, in text/plain")
def no_meta_in_plain_text(r: Recording) -> Recording:
    stripped = edits.json_body(r, edits.named("dialogue/messages"), lambda b: {"data": b["data"]})
    return edits.header(stripped, edits.named("dialogue/messages"), "content-type", "text/plain")


@broken("ENV-02", because="the request id is a word")
def request_id_is_a_word(r: Recording) -> Recording:
    return edits.json_body(r, edits.named("attachments/grant-1"), _meta(request_id="req-1"))


@broken("ENV-02", because="two answers share a request id")
def two_share_a_request_id(r: Recording) -> Recording:
    same = _meta(request_id="3c90c3cc-0d44-4b50-8888-8dd25736052a")
    return edits.json_body(r, edits.named("attachments/grant-1", "refusals/refuse-body-list"), same)


@broken("ENV-02", because="the request id is the nil uuid for every request")
def one_uuid_for_all(r: Recording) -> Recording:
    return edits.json_body(r, _json_of_the_api, _meta(request_id="00000000-0000-0000-0000-000000000000"))


@broken("ENV-03", because="timings_ms is a list")
def timings_are_a_list(r: Recording) -> Recording:
    return edits.json_body(r, edits.named("preflight/session"), _meta(timings_ms=[1]))


@broken("ENV-03", because="has_more is a word")
def has_more_is_a_word(r: Recording) -> Recording:
    pagination = {"has_more": "false", "next_cursor": None}
    return edits.json_body(r, edits.named("dialogue/messages"), _meta(pagination=pagination))


@broken("ENV-03", because="has_more is the number 0")
def has_more_is_a_number(r: Recording) -> Recording:
    pagination = {"has_more": 0, "next_cursor": None}
    return edits.json_body(r, edits.named("dialogue/messages"), _meta(pagination=pagination))


@broken("ENV-03", because="next_cursor is a number")
def next_cursor_is_a_number(r: Recording) -> Recording:
    pagination = {"has_more": False, "next_cursor": 7}
    return edits.json_body(r, edits.named("dialogue/messages"), _meta(pagination=pagination))


@broken("ENV-03", because="a warning is an object")
def a_warning_is_an_object(r: Recording) -> Recording:
    return edits.json_body(r, edits.named("attachments/grant-1"), _meta(warnings=["fine", {"text": "no"}]))


@broken("ENV-03", because="warnings is a string")
def warnings_is_a_string(r: Recording) -> Recording:
    return edits.json_body(r, edits.named("attachments/grant-1"), _meta(warnings="slow"))


@lawful("ENV-01", "ENV-02", "ENV-03", because="meta has nothing but the request id", ENV_03="unobservable")
def minimal_meta(r: Recording) -> Recording:
    return edits.json_body(r, _success, _meta(timings_ms=..., pagination=..., warnings=...))


@lawful("ENV-01", "ENV-03", because="meta's three optional members are null", ENV_03="unobservable")
def null_members(r: Recording) -> Recording:
    return edits.json_body(r, _success, _meta(timings_ms=None, pagination=None, warnings=None))


@lawful("ENV-01", "ENV-02", "ENV-03", because="there are fields that nobody knows, and other values inside")
def extra_fields(r: Recording) -> Recording:
    timings = {"total": 1, "parts": {"db": 0.5}, "notes": ["x"]}
    paged = {"has_more": False, "next_cursor": None, "total": 3}
    return edits.json_body(r, _success, _meta(region="eu", timings_ms=timings, warnings=["a"], pagination=paged))


@lawful("ENV-01", "ENV-02", because="uuids in capitals, without dashes")
def uuids_in_another_form(r: Recording) -> Recording:
    numbers = count(1)
    return edits.json_body(r, _json_of_the_api, lambda b: _meta(request_id=f"{next(numbers):032X}")(b))


@lawful("ENV-01", because="the content type has a parameter and capitals")
def content_type_with_a_parameter(r: Recording) -> Recording:
    return edits.header(r, _json_of_the_api, "Content-Type", "Application/JSON; charset=utf-8")


@lawful("ENV-03", because="has_more is there, next_cursor is left out on the last page")
def next_cursor_left_out(r: Recording) -> Recording:
    return edits.json_body(r, _success, _meta(pagination={"has_more": False}))
