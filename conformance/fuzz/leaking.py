"""What no answer may show, whatever was asked: the credential in a 401 (AUTH-02), the server's inside in an error (ERR-05)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

import schemathesis

from conformance.fuzz.answers import Finding
from conformance.fuzz.generation import Case
from conformance.fuzz.noting import prepared
from conformance.judging.disclosure import shown_inside
from conformance.judging.echoes import echoed
from conformance.recording import Exchange, Operation, Piece, Received, Sent

_OPERATIONS: Final[Mapping[str, Operation]] = {
    "createSession": "create-session",
    "appendMessage": "append-message",
    "tailEvents": "tail-events",
    "requestUploadUrl": "request-upload-url",
    "listMessages": "list-messages",
}


def leaking(case: Case, response: schemathesis.Response, api_key: str) -> list[Finding]:
    """The findings on the answer to a case that was sent with ``api_key``; judged as the scenarios judge a recorded one."""
    status = response.status_code
    if status < HTTPStatus.BAD_REQUEST:
        return []
    exchange = _as_recorded(case, response, api_key)
    findings = []
    if status == HTTPStatus.UNAUTHORIZED and (place := echoed(exchange)) is not None:
        # What came is not quoted: a report is no place for a credential.
        findings.append(Finding("AUTH-02", "a 401 without the credential in it", f"{place} repeats it", status=status))
    if (inside := shown_inside(exchange)) is not None:
        expected = "no stack trace, no source path and no driver's message in an error"
        findings.append(Finding("ERR-05", expected, inside, status=status))
    return findings


def _as_recorded(case: Case, response: schemathesis.Response, api_key: str) -> Exchange:
    request = prepared(case, api_key)
    body = request.body or b""
    sent = Sent(
        method=str(request.method),
        url=str(request.url),
        headers=tuple((name, _text(value)) for name, value in request.headers.items()),
        body=body.encode("utf-8", "replace") if isinstance(body, str) else body if isinstance(body, bytes) else b"",
    )
    headers = tuple((name, value) for name, values in response.headers.items() for value in values)
    received = Received(response.status_code, headers, (Piece(0.0, response.content or b""),))
    return Exchange(
        journey="fuzz",
        step=case.operation.label,
        operation=_OPERATIONS[case.operation.definition.raw["operationId"]],
        credential="own",
        sent=sent,
        sent_at=0.0,
        answered_at=0.0,
        ended_at=0.0,
        received=received,
        ending="complete",
        facts=MappingProxyType({}),
    )


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")
