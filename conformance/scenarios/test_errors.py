"""ERR: what every error looks like, and what must be one."""

from __future__ import annotations

import re
import uuid

from conformance.findings import Untested, broken, requirement
from conformance.judging import error_envelope
from conformance.judging.answers import (
    MALFORMED,
    TRANSPORT,
    WHOLE,
    all_refused,
    chat_answers,
    is_interim,
    passed_over,
    probes,
    unjudgeable,
    why_not_played,
)
from conformance.judging.disclosure import shown_inside
from conformance.recording import Exchange, Recording

SESSION_OPERATIONS = ("append-message", "tail-events", "request-upload-url", "list-messages")


@requirement("ERR-01")
def test_every_error_is_an_error_envelope(recording: Recording) -> None:
    """Whatever the operation and the status: one form."""
    cut: Exchange | None = None
    judged = False
    for exchange in chat_answers(recording):
        if exchange.status < 400 or passed_over(recording, exchange) or _from_a_proxy(exchange):
            continue
        if exchange.ending not in WHOLE:
            cut = cut or exchange
            continue
        judged = True
        wrong = error_envelope.fault(exchange)
        if wrong is not None:
            broken(exchange, expected=error_envelope.EXPECTED, came=f"{wrong}, in an answer {exchange.status}")
    if cut is not None:
        raise Untested(f"the error of {cut.name} did not come whole ({cut.ending})")
    if not judged:
        raise Untested("no error was recorded")


@requirement("ERR-01")
def test_an_unknown_route_is_an_error_like_others(recording: Recording) -> None:
    """A path or a method that the API does not have, where the answer is surely its own: JSON, with its rate limit."""
    for exchange in recording.of("strangers", "no-route-"):
        received = exchange.received
        if received is None or exchange.status < 400 or exchange.ending not in WHOLE or not received.is_json:
            continue
        if is_interim(exchange) or received.header("X-RateLimit-Limit") is None:
            continue
        wrong = error_envelope.fault(exchange)
        if wrong is not None:
            broken(exchange, expected=error_envelope.EXPECTED, came=f"{wrong}, in an answer {exchange.status}")


@requirement("ERR-02")
def test_an_unknown_session_is_404(recording: Recording) -> None:
    """On each operation that takes a session."""
    judged: set[str] = set()
    reasons: list[str] = []
    for exchange in recording.of("strangers", "missing-"):
        if exchange.facts.get("limited") or exchange.facts.get("outage"):
            continue
        reason = unjudgeable(recording, exchange)
        if reason is not None:
            reasons.append(reason)
            continue
        judged.add(exchange.operation)
        # Which of two faults comes first is open, and a cursor may have a form that this server does not know.
        accepted = {404} if _same_form(exchange) and "way" not in exchange.facts else {404, *MALFORMED}
        if exchange.status not in accepted:
            broken(exchange, expected=f"404 on {exchange.operation} for a session that does not exist")
    if reasons:
        raise Untested(reasons[0])
    for operation in SESSION_OPERATIONS:
        if operation not in judged:
            raise why_not_played(recording, "strangers", f"{operation} on an unknown session")


@requirement("ERR-03")
def test_malformed_bodies_and_wrong_types_are_refused(recording: Recording) -> None:
    """With 400 or 422, on the three operations that take a body."""
    for operation, journey in (
        ("append-message", "refusals"),
        ("create-session", "sessions"),
        ("request-upload-url", "uploads"),
    ):
        played = probes(recording, "ERR-03", operation)
        if not played:
            raise why_not_played(recording, journey, f"a malformed body for {operation}")
        all_refused(recording, played, only=MALFORMED, expected="400 or 422 for a body that is malformed")


@requirement("ERR-04")
def test_no_request_of_the_run_is_answered_with_a_5xx(recording: Recording) -> None:
    """Lawful or not. An outage that was over when the request was sent again does not count."""
    for exchange in chat_answers(recording):
        if exchange.status >= 500 and not passed_over(recording, exchange):
            broken(exchange, expected="no input produces a 5xx")


@requirement("ERR-04")
def test_odd_input_gets_an_answer(recording: Recording) -> None:
    """A connection that is dropped twice for one and the same request is a server error without its status.

    Dropped once it proves nothing: a kept connection may just have ended. Large bodies may lawfully be cut off.
    """
    played = probes(recording, "ERR-04")
    if not played:
        raise Untested("no odd input was sent")
    silent = [e for e in played if e.status == 0 and not _cut_off(e)]
    for exchange in silent:
        earlier = list(recording.of(exchange.journey, f"{exchange.step}/outage-"))
        if earlier and _dropped(exchange) and all(_dropped(e) for e in earlier):
            broken(exchange, *earlier, expected="an answer: a 4xx for what is bad input")
    if silent:
        raise Untested(f"{silent[0].name} got no answer ({silent[0].problem or silent[0].ending})")


@requirement("ERR-05")
def test_an_error_shows_nothing_of_the_inside(recording: Recording) -> None:
    """No stack trace, no path of a source file, no message of a driver."""
    judged = False
    for exchange in chat_answers(recording):
        if exchange.status < 400 or exchange.received is None:
            continue
        judged = True
        found = shown_inside(exchange)
        if found is not None:
            broken(exchange, expected="no stack trace, no source path and no driver's message in an error", came=found)
    if not judged:
        raise Untested("no error was recorded")


_LARGE = 100_000
_CLOSED = ("RemoteProtocolError", "ReadError", "WriteError")
"""The client's words for a connection that ended without an answer."""


def _dropped(exchange: Exchange) -> bool:
    """Whether the server closed the connection without an answer, as far as the client's own words tell."""
    closed = (exchange.problem or "").startswith(_CLOSED)
    return exchange.status == 0 and closed and len(exchange.sent.body) < _LARGE


def _cut_off(exchange: Exchange) -> bool:
    """Whether a large body was refused as some servers do it: with the end of the connection, while it was sent."""
    return len(exchange.sent.body) >= _LARGE and (exchange.problem or "").startswith(_CLOSED)


def _from_a_proxy(exchange: Exchange) -> bool:
    """An answer that need not be the API's own: too much of a request, or what a proxy takes for an attack."""
    if exchange.received is None:
        return False
    odd = bool(exchange.facts.get("odd_path") or exchange.facts.get("odd_body"))
    odd = odd and exchange.status < 500 and not exchange.received.is_json
    return exchange.status in TRANSPORT or odd


def _same_form(exchange: Exchange) -> bool:
    """Whether the id that was asked for could have been one of this server's: then only 404 is right."""
    real, asked = exchange.facts.get("session"), exchange.facts.get("asked")
    if not isinstance(real, str) or not isinstance(asked, str):
        return False
    if _is_uuid(real) or _is_uuid(asked):
        return _is_uuid(real) and _is_uuid(asked) and uuid.UUID(real).version == uuid.UUID(asked).version
    if real.isdigit() and asked.isdigit():
        # A wider one may be out of the range of the server's integers.
        return len(asked) <= max(len(real), 9) and (int(asked) <= _MOST or int(real) > _MOST)
    # A checksum or a version within an opaque id is not known here: another text of its form need not be an id.
    return False


_MOST = 2**63 - 1
_DASHED = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _is_uuid(text: str) -> bool:
    return _DASHED.fullmatch(text) is not None
