"""A server that bounds its short fields at 255 characters is as lawful as one that does not."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.responses import Response

from tests.fuzz.server import Behaviour, running
from tests.fuzz.test_fuzzing import fuzz

_TEXT = '{"error": {"code": "too_long", "message": "at most 255 characters"}, "meta": {"request_id": "r"}}'


def _bounded(_name: str, body: Any, response: Response) -> Response | None:
    given = [body.get(field) for field in ("title", "client_message_id")] if isinstance(body, dict) else []
    if not any(isinstance(text, str) and len(text) > 255 for text in given) or response.status_code >= 400:
        return None
    return Response(_TEXT, 422, {k: v for k, v in response.headers.items() if k != "content-length"})


@pytest.mark.parametrize("seed", [1, 3, 4])
def test_a_bound_of_255_characters_is_lawful(seed: int) -> None:
    refused = 0

    def answer(name: str, body: Any, response: Response) -> Response | None:
        nonlocal refused
        bounded = _bounded(name, body, response)
        refused += bounded is not None
        return bounded

    with running(Behaviour(answer=answer)) as server:
        report = fuzz(server, only=["createSession", "appendMessage"], seed=seed, examples=20, turns=60)
    assert refused, "no long text was sent"
    assert report.failures == ()
