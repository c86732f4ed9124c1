"""Which answers of a recording can be judged, and which say nothing about the rule that they were asked for."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.findings import Untested, broken
from conformance.judging.statuses import client_error
from conformance.recording import CHAT_OPERATIONS, Exchange, Recording

WHOLE = frozenset({"complete", "closed"})
"""Endings after which nothing of a plain answer is missing."""

TRANSPORT = frozenset({413, 414, 431})
"""Too much of a request: whoever stands before the API may answer these, with an answer of its own."""

NO_ROUTE = "no-route"
"""The fact ``part`` of a request to a path or with a method that is on no page."""

MALFORMED = frozenset({400, 422})
"""Bad input: the pages disagree on which of the two (contract G6)."""


def chat_answers(recording: Recording) -> Iterator[Exchange]:
    """Every exchange of the API itself that got an answer; a path or a method that it does not have is none of its."""
    return (
        e
        for e in recording.exchanges
        if e.operation in CHAT_OPERATIONS and e.received is not None and e.facts.get("part") != NO_ROUTE
    )


def json_answers(recording: Recording) -> Iterator[Exchange]:
    """Every whole answer of the API that says it is JSON, or is a JSON object whatever it says; no event streams.

    An answer without any content (204 above all) has no JSON to judge; an outage may be answered by a gateway.
    """
    for exchange in chat_answers(recording):
        received = exchange.received
        if received is None or exchange.ending not in WHOLE or not received.body.strip():
            continue
        if passed_over(recording, exchange) or exchange.status in TRANSPORT:
            continue
        if received.is_json or (received.media_type != "text/event-stream" and isinstance(received.json, dict)):
            yield exchange


def is_interim(exchange: Exchange) -> bool:
    """An attempt that the player repeated under the same name: what counts is the last one."""
    return bool(exchange.facts.get("limited") or exchange.facts.get("outage"))


def passed_over(recording: Recording, exchange: Exchange) -> bool:
    """A 5xx that was gone when the same request was sent again: an outage, for which clients are told to retry (G8)."""
    if not exchange.facts.get("outage"):
        return False
    last = recording.get(exchange.journey, exchange.step.rpartition("/outage-")[0])
    return last is not None and 0 < last.status < 500


def why_not_played(recording: Recording, journey: str, what: str) -> Untested:
    """``what`` was not played: with the reason, where the journey broke off."""
    broke = recording.broke(journey)
    reason = f": the journey {journey} broke off at {broke.step}, {broke.reason}" if broke else ""
    return Untested(f"{what} was not played{reason}")


def unjudgeable(recording: Recording, exchange: Exchange) -> str | None:
    """Why this answer says nothing about its request; None where it does.

    A 409 counts as *busy* where an earlier message to the session was accepted; a 401 only where the key never worked
    again, for then it was withdrawn.
    """
    if exchange.status == 0:
        return f"{exchange.name} got no answer ({exchange.problem or exchange.ending})"
    if exchange.status == 429:
        return f"{exchange.name} met the rate limit to the last attempt"
    if exchange.facts.get("gave_up"):
        return f"{exchange.name} found the session busy until the wait was given up"
    if exchange.status == 401 and exchange.credential in ("own", "other") and _key_died(recording, exchange):
        return f"{exchange.name} was answered 401 like all that came after it: the key has stopped working"
    if exchange.status == 409 and exchange.operation == "append-message" and _spoiled(recording, exchange):
        return f"{exchange.name} was answered 409 after an earlier message was accepted: the session may be busy"
    return None


def refused(recording: Recording, probe: Exchange, *, only: frozenset[int] | None, expected: str) -> str | None:
    """Whether a probe was refused: raises a Violation if not; the reason, where that cannot be told.

    ``only``: the statuses that count as a refusal; None: any 4xx but 401, 408 and 429.
    """
    reason = unjudgeable(recording, probe)
    if reason is not None:
        return reason
    kept = probe.status in only if only is not None else client_error(probe) and probe.status not in (401, 408)
    if not kept:
        broken(probe, expected=expected)
    return None


def probes(recording: Recording, rule: str, *operations: str) -> list[Exchange]:
    """The probes that were played for a rule, the last attempt of each; all operations where none is named."""
    return [
        e
        for e in recording.exchanges
        if e.facts.get("rule") == rule and not is_interim(e) and (not operations or e.operation in operations)
    ]


def all_refused(recording: Recording, played: list[Exchange], *, only: frozenset[int] | None, expected: str) -> None:
    """Every one of the probes is refused. All are looked at before one that could not be judged is reported."""
    reasons = [refused(recording, probe, only=only, expected=expected) for probe in played]
    for reason in reasons:
        if reason is not None:
            raise Untested(reason)


def _spoiled(recording: Recording, exchange: Exchange) -> bool:
    session = exchange.facts.get("session")
    return any(
        e.operation == "append-message"
        and e.status == 202
        and e.sent_at < exchange.sent_at
        and e.journey == exchange.journey
        and e.facts.get("session") == session
        for e in recording.exchanges
    )


def _key_died(recording: Recording, exchange: Exchange) -> bool:
    later = [
        e.status for e in recording.exchanges if e.credential == exchange.credential and e.sent_at >= exchange.sent_at
    ]
    return all(status in (0, 401) for status in later)
