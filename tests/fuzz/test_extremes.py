"""What makes programs fall over is sent to every operation with a body, and what an error shows of the inside is seen."""

from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from tests.fuzz.server import KEY, Behaviour, running
from tests.fuzz.test_fuzzing import broken, fuzz

_CRASH = b'{"error": {"code": "internal", "message": "Internal error"}, "meta": {"request_id": "r"}}'


def _crashing(operation: str, field: str, marks: str | int) -> Behaviour:
    """500 where the field of that operation holds the text, or is at least so long."""

    def answer(name: str, body: Any, response: Response) -> Response | None:
        text = body.get(field) if isinstance(body, dict) else None
        if name != operation or not isinstance(text, str):
            return None
        if text.find(marks) < 0 if isinstance(marks, str) else len(text) < marks:
            return None
        return Response(_CRASH, 500, {k: v for k, v in response.headers.items() if k != "content-length"})

    return Behaviour(answer=answer)


@pytest.mark.parametrize(
    ("operation", "field", "marks"),
    [
        ("createSession", "title", "\u0000"),
        ("createSession", "title", 65_536),
        ("requestUploadUrl", "filename", "\u0000"),
        ("appendMessage", "message", 65_536),
    ],
)
def test_a_server_that_falls_over_an_extreme_text_is_found(operation: str, field: str, marks: str | int) -> None:
    assert (operation, "ERR-04") in broken(_crashing(operation, field, marks), only=[operation], turns=40)


def test_a_server_that_falls_over_a_charset_is_found() -> None:
    def before(request: Request) -> Response | None:
        known = "charset=x-unknown" not in request.headers.get("content-type", "")
        return None if known else Response(_CRASH, 500, media_type="application/json")

    assert ("requestUploadUrl", "ERR-04") in broken(Behaviour(before=before), only=["requestUploadUrl"])


def _refusing(status: int, message: str, **headers: str) -> Behaviour:
    """Every request for an upload without a file name is refused with that message."""

    def answer(name: str, body: Any, response: Response) -> Response | None:
        if name != "requestUploadUrl" or not isinstance(body, dict) or "content_type" in body:
            return None
        text = json.dumps({"error": {"code": "bad", "message": message}, "meta": {"request_id": "r"}})
        kept = {k: v for k, v in response.headers.items() if k != "content-length"}
        return Response(text, status, {**kept, **headers})

    return Behaviour(answer=answer)


def test_a_driver_s_message_in_an_error_is_found_and_a_plain_one_is_not() -> None:
    inside = _refusing(422, "asyncpg.exceptions.NotNullViolationError: null value")
    assert ("requestUploadUrl", "ERR-05") in broken(inside, only=["requestUploadUrl"])
    with running(_refusing(422, "content_type is required, see https://example.org/app/errors.py")) as server:
        assert fuzz(server, only=["requestUploadUrl"]).failures == ()


def test_a_401_that_repeats_the_credential_is_found() -> None:
    text = json.dumps({"error": {"code": "no", "message": f"the key {KEY} is unknown"}, "meta": {"request_id": "r"}})

    def answer(name: str, _body: Any, response: Response) -> Response | None:
        if name != "listMessages":
            return None
        kept = {k: v for k, v in response.headers.items() if k != "content-length"}
        return Response(text, 401, kept)

    assert ("listMessages", "AUTH-02") in broken(Behaviour(answer=answer), only=["listMessages"])
