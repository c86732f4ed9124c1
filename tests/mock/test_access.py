"""Credentials, tenants, and the rate limit (G3, G6, G7)."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx
import pytest

from conformance.mock.embedded import RunningMock
from conformance.mock.settings import RateLimit
from tests.mock.caller import Caller

OPERATIONS = [
    ("POST", ""),
    ("POST", "/{session}/messages"),
    ("GET", "/{session}/messages"),
    ("GET", "/{session}/events"),
    ("POST", "/{session}/attachments/upload-url"),
]
BODIES = {"": {"agent_id": 1}, "/{session}/messages": {"message": "x"}}


def call(caller: Caller, method: str, path: str, session: str, headers: dict[str, str] | None = None) -> httpx.Response:
    body = BODIES.get(path, {"content_type": "image/png"}) if method == "POST" else None
    return caller.http.request(
        method, "/chat/sessions" + path.replace("{session}", session), json=body, headers=headers
    )


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
@pytest.mark.parametrize(
    "credential",
    [
        None,
        "",
        "Bearer",
        "Bearer neo_sk_mock_unknown",
        "Bearer not a key",
        "Basic bmVvOnNr",
        "Token {key}",
        "{key}",
        "Bearer {key}x",
        "Bearer {key} {key}",
    ],
)
def test_a_401(
    plain_mock: RunningMock,
    open_caller: Callable[..., Caller],
    first: Caller,
    method: str,
    path: str,
    credential: str | None,
) -> None:
    nobody = open_caller(plain_mock, None)
    secret = plain_mock.keys["first"]
    headers = {} if credential is None else {"authorization": credential.replace("{key}", secret)}
    response = call(nobody, method, path, "any", headers)
    assert response.status_code == 401
    assert set(response.json()) == {"error", "meta"}
    assert "neo_sk" not in response.text
    assert response.headers["www-authenticate"] == "Bearer"
    assert call(first, method, path, "any").status_code != 401


def test_two_credentials_are_none(plain_mock: RunningMock) -> None:
    credential = ("authorization", f"Bearer {plain_mock.keys['first']}")
    url = plain_mock.base_url + "/public-api/chat/sessions"
    assert httpx.post(url, json={"agent_id": 1}, headers=[credential]).status_code == 201
    assert httpx.post(url, json={"agent_id": 1}, headers=[credential, credential]).status_code == 401


@pytest.mark.parametrize(("method", "path"), OPERATIONS[1:])
def test_a_foreign_session_is_like_none(first: Caller, second: Caller, method: str, path: str) -> None:
    session = first.create()
    foreign, missing = call(second, method, path, session), call(second, method, path, session[:-4] + "0000")
    varying = {"date", "x-ratelimit-remaining", "x-ratelimit-reset"}
    for response in (foreign, missing):
        assert response.status_code == 404
    assert foreign.json()["error"] == missing.json()["error"]
    assert list(foreign.headers) == list(missing.headers)
    for name in set(foreign.headers) - varying:
        assert foreign.headers[name] == missing.headers[name]
    assert first.messages(session) == []


def test_the_three_headers_everywhere(first: Caller) -> None:
    session = first.create()
    responses = [
        first.http.post("/chat/sessions", json={"agent_id": 1}),
        first.http.post("/chat/sessions", json={}),
        first.http.get("/nothing/here"),
        first.http.delete("/chat/sessions"),
        first.http.get("/chat/sessions/none/messages"),
        first.post(session, message="x"),
        first.http.get(f"/chat/sessions/{session}/messages"),
    ]
    for response in responses:
        assert int(response.headers["x-ratelimit-limit"]) == 100_000
        assert 0 <= int(response.headers["x-ratelimit-remaining"]) < 100_000
        assert 0 <= int(response.headers["x-ratelimit-reset"]) - time.time() <= 62


def test_the_limit_is_the_tenants_and_slides(under: Callable[..., Caller], open_caller: Callable[..., Caller]) -> None:
    caller = under(rate=RateLimit(5, 1.0))
    mock = RunningMock(str(caller.http.base_url).removesuffix("/public-api/"))
    remaining = []
    for _ in range(5):
        response = caller.http.get("/chat/sessions/none/messages")
        remaining.append(int(response.headers["x-ratelimit-remaining"]))
    assert remaining == [4, 3, 2, 1, 0]
    refused = [caller.http.get("/chat/sessions/none/events") for _ in range(3)]
    assert {response.status_code for response in refused} == {429}
    assert set(refused[0].json()) == {"error", "meta"}
    assert refused[0].headers["x-ratelimit-remaining"] == "0"
    assert open_caller(mock, "second").http.get("/chat/sessions/none/messages").status_code == 404
    time.sleep(int(refused[-1].headers["retry-after"]))
    assert caller.http.get("/chat/sessions/none/messages").status_code == 404
