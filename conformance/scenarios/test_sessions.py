"""SES: how a session is created, and what comes back."""

from __future__ import annotations

from typing import Any

from conformance.findings import Unobservable, Untested, broken, requirement
from conformance.judging.answers import MALFORMED, WHOLE, all_refused, is_interim, probes, unjudgeable, why_not_played
from conformance.judging.statuses import successful
from conformance.recording import Exchange, Recording

JOURNEY = "sessions"
FIELDS = ("agent_id", "archived_at", "channel", "client_id", "created_at", "id", "title", "updated_at")


@requirement("SES-01")
def test_both_agents_or_neither_are_refused(recording: Recording) -> None:
    """And exactly one of them makes a session."""
    if not _created(recording):
        raise Untested("no session was created")
    played = probes(recording, "SES-01")
    if not played:
        raise why_not_played(recording, JOURNEY, "a creation with both or neither")
    all_refused(
        recording, played, only=None, expected="a refusal: exactly one of `agent_id` and `managed_agent_key` is given"
    )


@requirement("SES-02")
def test_client_id_of_an_ordinary_key_is_403(recording: Recording) -> None:
    """A success may be a platform account's right; two keys that both have it are no such thing."""
    own = _probe(recording, "client-id")
    other = recording.get(JOURNEY, "create-client-id-other-key")
    if own.status == 403:
        if other is not None and successful(other) and _ignored(other):
            broken(other, own, expected="403: `client_id` is for platform accounts only")
        return
    if successful(own):
        if _ignored(own):
            broken(own, expected="403: `client_id` is for platform accounts only", came=_ignored(own))
        if other is None:
            raise Unobservable(
                "`client_id` was accepted: the key may be a platform account's, and there is no second key"
            )
        if successful(other):
            broken(own, other, expected="403: `client_id` is for platform accounts only, and both keys may set it")
        raise Unobservable("`client_id` was accepted: the key is a platform account's")
    if own.status in (400, 404, 422) and not _is_known(recording, own):
        raise Unobservable(f"`client_id` was answered {own.status}: the value may be unknown to a platform account")
    broken(own, expected="403: `client_id` is for platform accounts only")


@requirement("SES-02")
def test_bot_id_of_an_ordinary_key_is_ignored(recording: Recording) -> None:
    """In one of its forms at least, for no page gives its type."""
    forms = [e for e in recording.of(JOURNEY, "create-bot-id") if not is_interim(e)]
    if not forms:
        raise why_not_played(recording, JOURNEY, "a creation with `bot_id`")
    if any(successful(e) for e in forms):
        return
    for exchange in forms:
        reason = unjudgeable(recording, exchange)
        if reason is not None:
            raise Untested(reason)
    if _probe(recording, "client-id").status != 403:
        raise Unobservable("the key may be a platform account's, whose `bot_id` counts")
    # A refusal for another reason than its type shows best that it was not ignored.
    worst = min(forms, key=lambda e: e.status in MALFORMED)
    broken(worst, *(e for e in forms if e is not worst), expected="a session: `bot_id` is ignored for an ordinary key")


@requirement("SES-03")
def test_a_created_session_has_its_fields(recording: Recording) -> None:
    """Each of its type, as far as a page gives it. What was cut off on the way shows nothing."""
    created = [e for e in _created(recording) if e.ending in WHOLE]
    if not created:
        raise Untested("no session was created, or no answer came whole")
    for exchange in created:
        wrong = _session_fault(exchange)
        if wrong is not None:
            broken(exchange, expected=f"the session's fields {', '.join(FIELDS)}, each of its type", came=wrong)


def _created(recording: Recording) -> list[Exchange]:
    """Sessions that were asked for in a lawful way; what a server makes of an odd title is open."""
    return [
        e
        for e in recording.exchanges
        if e.operation == "create-session" and e.facts.get("expected") == "created" and successful(e)
    ]


def _probe(recording: Recording, name: str) -> Exchange:
    exchange = recording.get(JOURNEY, f"create-{name}")
    if exchange is None:
        raise why_not_played(recording, JOURNEY, f"a creation with {name}")
    reason = unjudgeable(recording, exchange)
    if reason is not None:
        raise Untested(reason)
    return exchange


def _sent_client_id(exchange: Exchange) -> Any:
    body = exchange.sent.json
    return body.get("client_id") if isinstance(body, dict) else None


def _ignored(exchange: Exchange) -> str | None:
    """That a session was created for another client than the one asked for: then no platform account asked."""
    asked, given = _sent_client_id(exchange), exchange.data.get("client_id")
    if "client_id" not in exchange.data or asked is None or str(asked) == str(given):
        return None
    return f"a session whose `client_id` is {given!r}, where {asked!r} was asked for"


def _is_known(recording: Recording, exchange: Exchange) -> bool:
    """Whether the ``client_id`` that was sent is one that this server gave out, so that no one can call it unknown."""
    asked = _sent_client_id(exchange)
    given = (e.data.get("client_id") for e in _created(recording) if e.credential == exchange.credential)
    return asked is not None and any(one is not None and str(one) == str(asked) for one in given)


def _session_fault(exchange: Exchange) -> str | None:
    data = exchange.data
    missing = [name for name in FIELDS if name not in data]
    if missing:
        return f"the session has no `{missing[0]}`"
    ident, agent, flag = data["id"], data["agent_id"], data.get("show_agent_progress_steps")
    if not (isinstance(ident, str) and ident) and not _is_integer(ident):
        return "`id` is neither a string with content nor an integer"
    if agent is not None and not _is_integer(agent):
        return "`agent_id` is neither an integer nor null"
    for name in ("archived_at", "title"):
        if not isinstance(data[name], str | None):
            return f"`{name}` is neither a string nor null"
    if not isinstance(flag, bool | None):
        return "`show_agent_progress_steps` is no boolean"
    return None


def _is_integer(value: Any) -> bool:
    """A whole number: JSON does not tell ``17.0`` from ``17``."""
    return (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and value.is_integer())
