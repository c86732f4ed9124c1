"""Requests by whoever has no business here: without a credential, with an unknown one, with another tenant's key.

Each operation gets them in a form that is surely accepted from the session's owner, so nothing but the credential can be
wrong with it. For these the pages state one status: 401 (AUTH-01), and 404 for another tenant's session, as for one that
does not exist (AUTH-03). A generated request in a stranger's hands may be wrong in more ways than one: it must not succeed.

What is not asked: whether another tenant's client_message_id deduplicates (its scope is open), and what another's
cursor gives on one's own session (an unknown cursor is open).
"""

from __future__ import annotations

import random
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import schemathesis
from schemathesis.core import NOT_SET

from conformance.fuzz.answers import Finding
from conformance.fuzz.expectation import Expectation, Verdict
from conformance.fuzz.generation import Case, Operation

SESSION_OPERATIONS: Final = ("requestUploadUrl", "listMessages", "appendMessage", "tailEvents")
_PLAIN_BODIES: Final[dict[str, dict[str, Any]]] = {
    "requestUploadUrl": {"content_type": "image/png"},
    "appendMessage": {"message": "What is the capital of Norway?"},
}

NO_KEY = Expectation(Verdict.REFUSED, "AUTH-01", "it has no credential", frozenset({HTTPStatus.UNAUTHORIZED}))
UNKNOWN_KEY = Expectation(Verdict.REFUSED, "AUTH-01", "its key is unknown", frozenset({HTTPStatus.UNAUTHORIZED}))
NOT_YOURS = Expectation(
    Verdict.REFUSED, "AUTH-03", "the session belongs to another tenant", frozenset({HTTPStatus.NOT_FOUND})
)
OTHERS_BLOB = Expectation(Verdict.REFUSED, "ATT-08", "its blob_path was granted to another tenant's session")


def in_any_form(expectation: Expectation) -> Expectation:
    """The same for a generated request: some refusal, whichever of its mistakes is told."""
    return Expectation(expectation.verdict, expectation.rule, expectation.reason)


def unknown_key(seed: int) -> str:
    """A credential of the documented form that nobody was given. No secret: it may be printed."""
    chance = random.Random(f"unknown key {seed}")
    return "neo_sk_test_" + "".join(chance.choice(string.ascii_letters + string.digits) for _ in range(24))


@dataclass(frozen=True)
class PlainRequest:
    """An operation, and a case of it that its session's owner could send."""

    operation: str
    case: Case


def plain_requests(found: Mapping[str, Operation], session_id: str, agent: Mapping[str, Any]) -> Iterator[PlainRequest]:
    """One for each operation; those on a session are on the given one."""
    create = found["createSession"].Case(body=dict(agent), media_type="application/json")
    yield PlainRequest("createSession", create)
    for name in SESSION_OPERATIONS:
        body = _PLAIN_BODIES.get(name)
        case = found[name].Case(
            path_parameters={"session_id": session_id},
            body=NOT_SET if body is None else dict(body),
            media_type=None if body is None else "application/json",
        )
        yield PlainRequest(name, case)


def leaks(response: schemathesis.Response, owned: tuple[str, ...], request: str) -> list[Finding]:
    """What of another tenant's ids and paths stands in an answer. What stood in the request is only echoed.

    `owned`: ids and paths of the tenant that must not be seen; `request`: the stranger's request, as text.
    """
    shown = response.text or ""
    told = [value for value in owned if value in shown and value not in request]
    return (
        [Finding("AUTH-03", "nothing of another tenant's session in the answer", f"{told[0]} in it", "leak")]
        if told
        else []
    )
