"""What stands before an API is not judged as the API, and a creation that is refused for its missing title is a failure."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from tests.fuzz.server import Behaviour, running
from tests.fuzz.test_fuzzing import fuzz


def _page(status: int) -> Response:
    return Response("<html>no</html>", status, media_type="text/html")


def test_a_proxy_that_refuses_odd_queries_in_its_own_form_is_lawful() -> None:
    odd: list[str] = []

    def refuses(request: Request) -> bool:
        given = [*request.query_params.items(), ("", request.headers.get("last-event-id", ""))]
        found = [text for pair in given for text in pair if not (text.isascii() and text.isprintable())]
        odd.extend(found)
        return bool(found)

    with running(Behaviour(before=lambda request: _page(400) if refuses(request) else None)) as server:
        report = fuzz(server, only=["listMessages", "tailEvents"], examples=20)
    assert odd, "no odd query was generated"
    assert report.failures == ()


def test_a_body_that_is_too_large_for_the_proxy_is_lawful() -> None:
    def answer(name: str, body: Any, _response: Response) -> Response | None:
        return _page(413) if name == "appendMessage" and len(str(body)) > 200 else None

    with running(Behaviour(answer=answer)) as server:
        report = fuzz(server, only=["appendMessage"])
    assert report.failures == ()


def test_a_creation_that_needs_a_title_is_a_failure_and_the_rest_is_fuzzed() -> None:
    def answer(name: str, body: Any, response: Response) -> Response | None:
        untitled = name == "createSession" and isinstance(body, dict) and "title" not in body
        if not untitled or response.status_code >= 400:
            return None
        headers = {key: value for key, value in response.headers.items() if key != "content-length"}
        text = '{"error": {"code": "x", "message": "title is required"}, "meta": {"request_id": "r"}}'
        return Response(text, 422, headers)

    with running(Behaviour(answer=answer)) as server:
        report = fuzz(server, only=["createSession", "listMessages"])
    assert ("createSession", "SES-01") in {(failure.operation, failure.rule) for failure in report.failures}
    assert report.per_operation["listMessages"] > 0
