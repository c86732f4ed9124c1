"""All recorded traffic, each exchange held against the OpenAPI document by the checks that generated requests get.

The journeys send what no generator makes up: turns that run for long, tails that are broken off, duplicates and strangers.
Their answers are documented, too. What the contract leaves open is left out, each for the reason beside it; whether the
right status came is for the scenarios, which know why a request was sent.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import requests
import schemathesis

from conformance.findings import Untested, Violation
from conformance.fuzz.answers import Finding, document_findings
from conformance.fuzz.generation import Operation, operations
from conformance.judging.answers import TRANSPORT, WHOLE, chat_answers
from conformance.recording import Exchange, Recording
from conformance.requirements import catalogue

_OPERATION_IDS: Final = {
    "create-session": "createSession",
    "append-message": "appendMessage",
    "tail-events": "tailEvents",
    "request-upload-url": "requestUploadUrl",
    "list-messages": "listMessages",
}


@dataclass(frozen=True)
class Departure:
    """An exchange whose answer is not as the document has it."""

    exchange: Exchange
    operation: str
    finding: Finding


def departures(recording: Recording) -> Iterator[Departure]:
    """Every departure, in the order in which the requests were sent. Nothing is sent."""
    found: dict[str, Operation] = operations(recording.target)
    # Only the answers are looked at; the session is named for the texts that schemathesis writes.
    of_a_session = {"session_id": "recorded"}
    for exchange in chat_answers(recording):
        if why_open(exchange) is None:
            name = _OPERATION_IDS[exchange.operation]
            case, authenticated = (
                found[name].Case(path_parameters=of_a_session),
                exchange.credential in ("own", "other"),
            )
            for finding in document_findings(name, case, _as_response(exchange)):
                # Whoever has no tenant has no limit to be told, whatever the refusal.
                if authenticated or finding.rule != "RATE-01":
                    yield Departure(exchange, name, finding)


def hold_against_the_document(recording: Recording, waived: Collection[str] = ()) -> None:
    """All recorded traffic is as documented; what only follows from a page is a warning, and what is ``waived``.

    :raises Violation: the first exchange that breaks a MUST.
    :raises Untested: there is no answer whose form is documented.
    """
    if not judged(recording):
        raise Untested("no answer was recorded whose form is documented")
    warned: set[tuple[str, str]] = set()
    for one in departures(recording):
        rule = catalogue()[one.finding.rule]
        if rule.level == "MUST" and rule.id not in waived:
            raise Violation(
                f"{one.finding.expected} ({rule.id}: {rule.page})",
                f"{one.operation} breaks {rule.id}: {one.finding.came}",
                one.exchange,
            )
        if (one.operation, rule.id) not in warned:
            # FUZZ-01 is a MUST and must not lend its level to what only follows from a page.
            warned.add((one.operation, rule.id))
            warnings.warn(f"{one.exchange.name} breaks {rule.id}: {one.finding.came}", stacklevel=2)


def judged(recording: Recording) -> int:
    """How many exchanges are held against the document."""
    return sum(why_open(exchange) is None for exchange in chat_answers(recording))


def why_open(exchange: Exchange) -> str | None:
    """Why the form of this answer is not asserted; None where it is. For an answer of the API itself."""
    received = exchange.received
    if received is None:
        return "there is no answer"
    if exchange.status < 200:
        return "an interim answer: what came after it is not known"
    if exchange.status >= 500:
        return "an outage may be answered by a gateway; that there was none is ERR-04's"
    is_stream = exchange.operation == "tail-events" and exchange.status == 200
    if not is_stream and exchange.ending not in WHOLE:
        return "it did not come whole"
    if exchange.status in TRANSPORT:
        return "too much of a request: whoever stands before the API may say so in a form of its own"
    if exchange.facts.get("odd_path"):
        return "an odd path, query or header need not reach the operation"
    if exchange.facts.get("odd_body") and (exchange.status == 403 or not received.is_json):
        return "a body that a proxy may take for an attack, and refuse in a form of its own"
    return None


def _as_response(exchange: Exchange) -> schemathesis.Response:
    received = exchange.received
    assert received is not None
    headers: dict[str, list[str]] = {}
    for name, value in received.headers:
        headers.setdefault(name.lower(), []).append(value)
    request = requests.Request(exchange.sent.method, f"http://recorded.invalid{urlsplit(exchange.sent.url).path}")
    return schemathesis.Response(
        status_code=exchange.status,
        headers=headers,
        content=received.body,
        request=request.prepare(),
        elapsed=max(0.0, exchange.answered_at - exchange.sent_at),
        verify=True,
        encoding="utf-8",
        # A tail ends at the client: an event that was still arriving is no fault.
        stream_cut_short=exchange.operation == "tail-events",
    )
