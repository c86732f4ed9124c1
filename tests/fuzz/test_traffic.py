"""Recorded exchanges are held against the document: what is broken is seen, and what is open is not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.findings import Untested, Violation
from conformance.fuzz.traffic import departures, hold_against_the_document, judged, why_open
from conformance.recording import Exchange, Piece, Received, Recording
from tests.judges.by_hand import exchange, recording

LIMITS = (("X-RateLimit-Limit", "1200"), ("x-ratelimit-remaining", "1199"), ("X-RateLimit-Reset", "1700000060"))
JSON = ("content-type", "application/json")
META = {"request_id": "r"}
ACCEPTED = {"chat_turn_id": "t", "user_message_id": "m", "since_cursor": None}
NO_CURSOR = {"chat_turn_id": "t", "user_message_id": "m"}
ERROR = {"error": {"code": "x", "message": "no"}, "meta": META}
CHUNK = b'id: 1-0\ndata: {"type": "start"}\n\n'


def answer(operation: Any, status: int, body: Any, *, headers: Any = (JSON, *LIMITS), **more: Any) -> Exchange:
    return exchange(f"dialogue/{operation}-{status}", operation, status, body, headers=headers, **more)


def post(status: int = 202, **changes: Any) -> Exchange:
    return answer("append-message", status, {"data": {**ACCEPTED, **changes}, "meta": META})


def tail(content: bytes, content_type: str = "text/event-stream; charset=utf-8", **more: Any) -> Exchange:
    return answer("tail-events", 200, content, headers=(("content-type", content_type),), method="GET", **more)


def found(*exchanges: Exchange) -> set[str]:
    return {one.finding.rule for one in departures(recording(*exchanges))}


BROKEN: dict[str, tuple[Exchange, str]] = {
    "a message answered 200": (post(200), "FUZZ-01"),
    "a creation answered 202": (answer("create-session", 202, {"data": {"id": "s"}, "meta": META}), "FUZZ-01"),
    "a page without its envelope": (answer("list-messages", 200, []), "FUZZ-01"),
    "a redirect": (answer("list-messages", 302, b"", headers=()), "FUZZ-01"),
    "no cursor": (answer("append-message", 202, {"data": NO_CURSOR, "meta": META}), "ACC-04"),
    "a number for an id": (post(user_message_id=7), "ACC-03"),
    "no request id": (answer("list-messages", 200, {"data": [], "meta": {}}), "ENV-01"),
    "an error in HTML": (answer("append-message", 400, b"<html>", headers=(("content-type", "text/html"),)), "ERR-01"),
    "an error without its code": (answer("append-message", 409, {"error": {}, "meta": META}), "ERR-01"),
    "no limit": (answer("list-messages", 200, {"data": [], "meta": META}, headers=(JSON,)), "RATE-01"),
    "a 429 that does not say when": (answer("list-messages", 429, ERROR), "RATE-02"),
    "a chunk of no type": (tail(CHUNK + b'data: {"type": "text"}\n\n'), "EVT-03"),
    "an event that is no JSON": (tail(b"data: hello\n\n"), "EVT-03"),
    "a broken event in a stream that was cut": (tail(b"data: {}\n\ndata: {", ending="time-limit"), "EVT-03"),
    "a stream of another type": (tail(CHUNK, "text/plain"), "EVT-01"),
    "a seventh field of a grant's kind": (
        answer("request-upload-url", 200, {"data": {"blob_path": "b", "max_image_bytes": "9"}, "meta": META}),
        "UPL-01",
    ),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_an_answer_that_is_not_as_documented_is_found(fault: str) -> None:
    broken, rule = BROKEN[fault]
    assert rule in found(post(), broken)


LAWFUL: dict[str, Exchange] = {
    "the plain message": post(),
    "either success of a creation": answer("create-session", 201, {"data": {"id": "s"}, "meta": META}),
    "a session whose id is a number": answer("create-session", 200, {"data": {"id": 7}, "meta": META}),
    "any data of a replay": answer("list-messages", 200, {"data": None, "meta": META}),
    "a refusal of any kind": answer("append-message", 418, ERROR),
    "a JSON type of its own": answer("append-message", 400, ERROR, headers=(("content-type", "application/p+json"), *LIMITS)),
    "a 401 without a limit": answer("list-messages", 401, ERROR, headers=(JSON,)),
    "a refusal for its cursor, without a credential": answer(
        "tail-events", 400, ERROR, headers=(JSON,), credential="none"
    ),
    "nulls in meta": answer("list-messages", 200, {"data": 1, "meta": {**META, "warnings": None, "timings_ms": None}}),
    "an outage in HTML": answer("list-messages", 503, b"<html>", headers=(("content-type", "text/html"),)),
    "a body too large": answer("append-message", 413, b"<html>", headers=(("content-type", "text/html"),)),
    "an answer that broke off": answer("list-messages", 200, b'{"data": [', ending="broken"),
    "an odd path": answer("list-messages", 308, b"", headers=(), odd_path=True),
    "a body taken for an attack": answer("append-message", 403, b"<html>", headers=(), odd_body=True),
    "a path that is on no page": answer("list-messages", 405, b"", headers=(), part="no-route"),
    "a stream cut within an event": tail(CHUNK + b'data: {"type": "te', ending="time-limit"),
    "a stream whose last event lacks its blank line": tail(CHUNK + b"data: {}\n", ending="closed"),
    "heartbeats, comments and the sentinel": tail(b": hi\n\nevent: ping\ndata: {}\n\ndata: [DONE]\n\n" + CHUNK),
    "lines that end with CR": tail(CHUNK.replace(b"\n", b"\r")),
    "a stream that stays empty": tail(b"", ending="silence"),
    "no answer": answer("list-messages", 0, None, ending="no-answer"),
}  # fmt: skip


@pytest.mark.parametrize("variation", LAWFUL)
def test_what_is_documented_or_open_is_not_a_departure(variation: str) -> None:
    assert found(post(), LAWFUL[variation]) == set()


def test_the_scenario_fails_with_the_rule_and_the_exchange() -> None:
    broken, _ = BROKEN["no cursor"]
    with pytest.raises(Violation) as raised:
        hold_against_the_document(recording(post(), broken))
    assert raised.value.evidence == (broken,)
    assert "ACC-04" in raised.value.came
    assert "https://" in raised.value.expected, "the page of the rule"


def test_the_scenario_only_warns_of_what_follows_from_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.fuzz.answers._rule", lambda *_: "SES-03")
    with pytest.warns(UserWarning, match="SES-03"):
        hold_against_the_document(recording(post(200)))


def test_without_an_answer_nothing_is_said() -> None:
    with pytest.raises(Untested):
        hold_against_the_document(recording(LAWFUL["no answer"]))
    with pytest.raises(Untested):
        hold_against_the_document(recording(LAWFUL["an odd path"]))


def test_what_is_left_out_has_its_reason() -> None:
    reasons = {name: why_open(one) for name, one in LAWFUL.items()}
    assert reasons["the plain message"] is None
    assert judged(recording(*LAWFUL.values())) == sum(
        reason is None and name != "a path that is on no page" for name, reason in reasons.items()
    )
    assert all(reason is None or len(reason) > 10 for reason in reasons.values())


def test_a_stream_may_come_in_any_pieces() -> None:
    content = CHUNK * 3
    pieces = tuple(Piece(float(at), content[at : at + 1]) for at in range(len(content)))
    one = tail(content)
    cut = replace(one, received=Received(200, one.received.headers if one.received else (), pieces))
    assert found(cut) == set()


def test_a_correct_servers_whole_run_is_as_documented(baseline: Recording) -> None:
    assert [f"{one.exchange.name}: {one.finding.came}" for one in departures(baseline)] == []
    assert judged(baseline) > 400, "most of the traffic is judged"
