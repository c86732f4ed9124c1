"""Nothing that is sent is answered with a 5xx, or with anything but an envelope (G5, ERR-01 to ERR-05)."""

from __future__ import annotations

import json
import socket
import uuid
from collections.abc import Callable

import httpx
import pytest

from conformance.mock import messages
from conformance.mock.embedded import RunningMock
from tests.mock.caller import Caller, wait_until

JSON = {"content-type": "application/json"}


def assert_error(response: httpx.Response, status: int) -> None:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert set(body) == {"error", "meta"}
    assert isinstance(body["error"]["code"], str)
    assert isinstance(body["error"]["message"], str)
    assert isinstance(body["error"].get("details", {}), dict)
    assert uuid.UUID(body["meta"]["request_id"])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"message": "x"',
        b"{'message': 'x'}",
        b'{"message": "\xff"}',
        b"\xef\xbb\xbf{}",
        b"\xff\xfe{\x00}\x00",
        b'{"message": "x", "message": "y"}',
        b'{"message": "x", "deep": {"a": 1, "a": 1}}',
        b'{"message": "x", "n": NaN}',
        b'{"message": "x", "n": -Infinity}',
        b'{"message": "x", "n": ' + b"9" * 5_000 + b"}",
        b'{"message": "x", "n": 1.' + b"9" * 5_000 + b"}",
        b'{"message": "\\ud800"}',
        b'{"message": "x", "\\udfff": 1}',
        b'{"message": "x", "deep": ["\\ud800"]}',
        b"[" * 50_000,
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
        b'"' + b'\\"' * 300_000,
        b'{"message": "x"} {}',
        b"null",
        b'"message"',
        b"[]",
        b"0",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_malformed_bodies(first: Caller, body: bytes) -> None:
    session = first.create()
    for path in (
        "/chat/sessions",
        f"/chat/sessions/{session}/messages",
        f"/chat/sessions/{session}/attachments/upload-url",
    ):
        assert_error(first.http.post(path, content=body, headers=JSON), 400)
    assert first.messages(session) == []


@pytest.mark.parametrize(
    "body",
    [
        {"message": "x", "n": 10**300},
        {"message": "x", "n": 1e308},
        {"message": "\ud83d\udc08"},
        {"message": "x", "\u0000": "\u0000"},
        {"message": "x", "client_message_id": "\u0000"},
        {"message": "x", "client_message_id": ""},
        {"message": "x", "client_message_id": "y" * 100_000},
    ],
)
def test_odd_but_valid_bodies(first: Caller, body: dict[str, object]) -> None:
    response = first.http.post(f"/chat/sessions/{first.create()}/messages", content=json.dumps(body), headers=JSON)
    assert response.status_code == 202


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "json"])
def test_another_content_type(first: Caller, kind: str) -> None:
    body = b'{"agent_id": 1}'
    assert_error(first.http.post("/chat/sessions", content=body, headers={"content-type": kind}), 415)


@pytest.mark.parametrize("kind", [None, "application/json; charset=utf-8", "Application/JSON", "application/x+json"])
def test_a_json_content_type(first: Caller, kind: str | None) -> None:
    headers = {} if kind is None else {"content-type": kind}
    assert first.http.post("/chat/sessions", content=b'{"agent_id": 1}', headers=headers).status_code == 201


@pytest.mark.parametrize("size", [1_048_577, 3_000_000, 20_000_000])
def test_a_body_over_the_limit(first: Caller, size: int) -> None:
    assert_error(first.http.post("/chat/sessions", content=b" " * size, headers=JSON), 413)


def test_a_streamed_body_over_the_limit(first: Caller) -> None:
    response = first.http.post("/chat/sessions", content=(b" " * 65_536 for _ in range(40)), headers=JSON)
    assert_error(response, 413)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/chat",
        "/chat/sessions/",
        "/chat/sessions/abc",
        "/chat/sessions//messages",
        "/chat/sessions/a/b/messages",
        "/chat/sessions/%00/messages",
        "/chat/sessions/%0a/messages",
        "/chat/sessions/%ff%fe/messages",
        "/chat/sessions/%ed%a0%80/events",
        "/chat/sessions/" + "x" * 5_000 + "/events",
        "/chat/sessions/*/events",
        "/chat/sessions/..%2f..%2f/messages",
    ],
)
def test_unknown_paths(first: Caller, path: str) -> None:
    assert_error(first.http.get(path), 404)


def test_paths_outside_the_api(plain_mock: RunningMock) -> None:
    for path in ("/", "/public-apix", "/favicon.ico"):
        assert_error(httpx.get(plain_mock.base_url + path), 404)
    assert_error(httpx.get(plain_mock.base_url + "/blob/x"), 405)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get"])
def test_other_methods(first: Caller, method: str) -> None:
    for path, allowed in (("messages", {"GET", "POST"}), ("events", {"GET"})):
        response = first.http.request(method, f"/chat/sessions/any/{path}")
        if method == "get":
            # httpx writes methods in capitals; see the raw request below.
            assert_error(response, 404)
        else:
            assert_error(response, 405)
            assert set(response.headers["allow"].split(", ")) == allowed
    assert first.http.head("/chat/sessions/any/events").status_code == 405


def test_a_raw_request_with_a_small_method(plain_mock: RunningMock) -> None:
    host, port = plain_mock.base_url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 5) as raw:
        key = plain_mock.keys["first"]
        raw.sendall(
            f"get /public-api/chat/sessions/a/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        answer = b"".join(iter(lambda: raw.recv(4096), b""))
    assert b" 405 " in answer.partition(b"\r\n")[0]


def test_headers_over_the_limit(first: Caller) -> None:
    response = first.http.get("/chat/sessions/a/events", headers={"x-long": "x" * 100_000})
    assert 400 <= response.status_code < 500


def test_an_internal_error_says_nothing(
    first: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    session = first.create()

    def fail(*_: object) -> None:
        raise ZeroDivisionError("a secret at /etc/passwd")

    monkeypatch.setattr(messages, "_persist", fail)
    response = first.post(session, message="x")
    assert_error(response, 500)
    assert "secret" not in response.text
    assert "x-ratelimit-limit" in response.headers
    # It is logged once the answer is out.
    wait_until(lambda: "a secret" in caplog.text)


def test_success_envelopes(first: Caller, under: Callable[..., Caller]) -> None:
    full = first.http.post("/chat/sessions", json={"agent_id": 1}).json()
    assert set(full) == {"data", "meta"}
    assert set(full["meta"]) == {"request_id", "timings_ms", "pagination", "warnings"}
    assert full["meta"]["pagination"] == {"has_more": False, "next_cursor": None}
    assert full["meta"]["warnings"] == []
    assert all(isinstance(value, float) for value in full["meta"]["timings_ms"].values())
    minimal = under(meta="minimal").http.post("/chat/sessions", json={"agent_id": 1}).json()
    assert set(minimal["meta"]) == {"request_id"}
    assert uuid.UUID(minimal["meta"]["request_id"]) != uuid.UUID(full["meta"]["request_id"])


def test_the_openapi_document(plain_mock: RunningMock) -> None:
    document = httpx.get(plain_mock.base_url + "/public-api/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    assert document["info"] == {"title": "Neo Public API", "version": "1.0.0"}
    assert len(document["paths"]) == 4
