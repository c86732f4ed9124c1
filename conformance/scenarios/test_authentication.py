"""AUTH: who is let in, and what the others are told."""

from __future__ import annotations

import json
import re
from typing import Any

from conformance.findings import Untested, broken, requirement
from conformance.judging import error_envelope
from conformance.judging.answers import WHOLE, chat_answers, is_interim, unjudgeable, why_not_played
from conformance.judging.echoes import OWN_KEYS, echoed
from conformance.recording import CHAT_OPERATIONS, Exchange, Recording

JOURNEY = "strangers"
SESSION_OPERATIONS = tuple(operation for operation in CHAT_OPERATIONS if operation != "create-session")
ROUNDS = (1, 2)


@requirement("AUTH-01")
def test_without_a_good_credential_every_operation_is_401(recording: Recording) -> None:
    """No credential, a malformed, an unknown, or one of another scheme."""
    judged: set[str] = set()
    reason: str | None = None
    for exchange in recording.of(JOURNEY, "bad-"):
        if is_interim(exchange):
            continue
        why = unjudgeable(recording, exchange)
        if why is not None:
            reason = reason or why
            continue
        judged.add(exchange.operation)
        if exchange.status != 401:
            broken(exchange, expected=f"401 on {exchange.operation} with the credential {exchange.credential!r}")
    if reason is not None:
        raise Untested(reason)
    for operation in CHAT_OPERATIONS:
        if operation not in judged:
            raise why_not_played(recording, JOURNEY, f"{operation} without a good credential")


@requirement("AUTH-02")
def test_a_401_is_an_error_envelope(recording: Recording) -> None:
    """Like every other error."""
    for exchange in _unauthorized(recording):
        wrong = error_envelope.fault(exchange)
        if wrong is not None:
            broken(exchange, expected=error_envelope.EXPECTED, came=f"{wrong}, in an answer 401")


@requirement("AUTH-02")
def test_a_401_does_not_repeat_the_credential(recording: Recording) -> None:
    """Neither in its body nor in a header, neither whole nor its secret part."""
    for exchange in _unauthorized(recording):
        place = echoed(exchange)
        if place is not None:
            # What came is not quoted: a report is no place for a credential, either.
            broken(exchange, expected="a 401 without the credential in it", came=f"{place} repeats the credential")


@requirement("AUTH-02")
def test_no_answer_repeats_a_key_of_the_run(recording: Recording) -> None:
    """Whatever its status: the redaction has left its mark where a key stood."""
    _unauthorized(recording)
    for exchange in chat_answers(recording):
        received = exchange.received
        if received is None:
            continue
        shown = (received.text, *(value for _, value in received.headers))
        if any(key in text for key in OWN_KEYS for text in shown):
            broken(exchange, expected="no answer has the key in it", came="the answer repeats the key")


@requirement("AUTH-03")
def test_the_session_of_another_tenant_is_404(recording: Recording) -> None:
    """On each operation that takes a session."""
    reason: str | None = None
    for foreign, missing in _foreign(recording):
        why = unjudgeable(recording, foreign)
        if why is not None:
            reason = reason or why
        elif foreign.status != 404:
            like = [missing] if missing is not None else []
            broken(foreign, *like, expected=f"404 on {foreign.operation} for a session of another tenant")
    for foreign in recording.of(JOURNEY, "foreign-turns/"):
        if not is_interim(foreign) and unjudgeable(recording, foreign) is None and foreign.status != 404:
            broken(foreign, expected=f"404 on {foreign.operation} for a session of another tenant that has had turns")
    if reason is not None:
        raise Untested(reason)


@requirement("AUTH-03")
def test_it_cannot_be_told_from_one_that_does_not_exist(recording: Recording) -> None:
    """Error and names of headers are the same; what differs from request to request does not count."""
    pairs = _foreign(recording)
    judged = False
    for operation in SESSION_OPERATIONS:
        played = [
            (f, m) for f, m in pairs if f.operation == operation and m is not None and f.status == m.status == 404
        ]
        if len(played) < len(ROUNDS):
            continue
        judged = True
        for what, trait in (
            ("the error", _error),
            ("the names of the headers", _header_names),
            ("a header", _header_values),
        ):
            there = {trait(foreign) for foreign, _ in played}
            nowhere = {trait(missing) for _, missing in played}
            # Only a difference that both rounds show, and within neither kind, tells the two apart.
            if len(there) == 1 and len(nowhere) == 1 and there != nowhere:
                foreign, missing = played[0]
                broken(
                    foreign,
                    missing,
                    expected="the same answer as for a session that does not exist",
                    came=f"{what} on {operation} tells the two apart: {min(there)[:160]} / {min(nowhere)[:160]}",
                )
    if not judged:
        raise why_not_played(recording, JOURNEY, "a pair of answers 404 that could be compared")


def _unauthorized(recording: Recording) -> list[Exchange]:
    """:raises Untested: when no 401 was recorded."""
    found = [e for e in chat_answers(recording) if e.status == 401 and e.ending in WHOLE]
    if not found:
        raise why_not_played(recording, JOURNEY, "a request that is answered 401")
    return found


def _foreign(recording: Recording) -> list[tuple[Exchange, Exchange | None]]:
    """Each request of the second key for a session of the first, with its like for an unknown session.

    :raises Untested: without a second key, or when one of them was not played.
    """
    if "other" not in recording.credentials:
        raise Untested("NEO_OTHER_API_KEY is not set: there is no second tenant")
    pairs: list[tuple[Exchange, Exchange | None]] = []
    for number in ROUNDS:
        for operation in SESSION_OPERATIONS:
            foreign = recording.get(JOURNEY, f"foreign-{number}/{operation}")
            if foreign is None:
                raise why_not_played(recording, JOURNEY, f"{operation} on a session of another tenant")
            pairs.append((foreign, recording.get(JOURNEY, f"foreign-missing-{number}/{operation}")))
    return pairs


_UUID = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")
_DIGITS = re.compile(r"\d+")

_VOLATILE = re.compile(
    r"date|age|via|content-length|server-timing|set-cookie|etag|expires|last-modified|connection|keep-alive"
    r"|transfer-encoding|content-encoding|vary|alt-svc|nel|report-to|retry-after|.*request-?id|.*correlation-?id|.*trace.*"
    r"|x-b3-.*|cf-.*|x-cache.*|x-amz?-.*|x-azure-.*|x-envoy-.*|x-runtime|x-response-time|x-.*time|x-served-by|x-timer"
    r"|(?:x-)?ratelimit.*"
)
"""Headers that a proxy, a cache or a clock adds, and not the knowledge of a session."""


def _error(exchange: Exchange) -> str:
    """The error as text, without what names the session or the request."""
    body = exchange.json
    error: Any = body.get("error") if isinstance(body, dict) else None
    text = (
        json.dumps(error, sort_keys=True)
        if error is not None
        else (exchange.received.text if exchange.received else "")
    )
    for name in ("session", "asked"):
        session = exchange.facts.get(name)
        if isinstance(session, str) and session:
            text = text.replace(session, "<session>")
    return _DIGITS.sub("<number>", _UUID.sub("<uuid>", text))


def _header_names(exchange: Exchange) -> str:
    headers = exchange.received.headers if exchange.received else ()
    return ", ".join(sorted({k.lower() for k, _ in headers if not _VOLATILE.fullmatch(k.lower())}))


def _header_values(exchange: Exchange) -> str:
    """The headers with their values, without what names the session or the request, or changes by itself."""
    headers = exchange.received.headers if exchange.received else ()
    kept = sorted(f"{k.lower()}: {v}" for k, v in headers if not _VOLATILE.fullmatch(k.lower()))
    text = "; ".join(kept)
    for name in ("session", "asked"):
        session = exchange.facts.get(name)
        if isinstance(session, str) and session:
            text = text.replace(session, "<session>")
    return _DIGITS.sub("<number>", _UUID.sub("<uuid>", text))
