"""AUTH: who is let in, and what the others are told."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.findings import Untested, broken, requirement
from conformance.judging import error_envelope
from conformance.judging.answers import MALFORMED, WHOLE, chat_answers, is_interim, unjudgeable, why_not_played
from conformance.judging.echoes import OWN_KEYS, echoed
from conformance.judging.json_leaves import names
from conformance.judging.statuses import client_error
from conformance.judging.telling_apart import Pair, Told, told
from conformance.recording import CHAT_OPERATIONS, Exchange, Recording

JOURNEY = "strangers"
SESSION_OPERATIONS = tuple(operation for operation in CHAT_OPERATIONS if operation != "create-session")
ROUNDS = (1, 2)
CURSOR_WAYS = ("since", "last-event-id")
_TELLING = 12
"""Characters: a shorter id of a message could be another's of the same number."""
BAD_INPUT = ("bad-body", "bad-cursor", "bad-type", "bad-known-id")


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
        if exchange.facts.get("way") in CURSOR_WAYS and exchange.status in MALFORMED:
            # Whether the cursor is one of this server's form is not known, and which of two faults comes first is open.
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
    if reason is not None:
        raise Untested(reason)


@requirement("AUTH-03")
def test_the_session_of_another_tenant_that_has_had_turns_is_404(recording: Recording) -> None:
    """On each operation, with cursors and message ids that its own tenant was given."""
    for foreign in recording.of(JOURNEY, "foreign-turns/"):
        if not is_interim(foreign) and unjudgeable(recording, foreign) is None and foreign.status != 404:
            broken(foreign, expected=f"404 on {foreign.operation} for a session of another tenant that has had turns")


@requirement("AUTH-03")
def test_it_cannot_be_told_from_one_that_does_not_exist(recording: Recording) -> None:
    """Error and headers are the same; what differs from request to request, or from instance to instance, does not count."""
    pairs = _foreign(recording)
    alike = _asked_alike(recording)
    judged = False
    compared: list[Pair] = []
    for operation in SESSION_OPERATIONS:
        played = [
            (f, m) for f, m in pairs if f.operation == operation and m is not None and f.status == m.status == 404
        ]
        if len(played) < len(ROUNDS):
            continue
        judged = True
        compared += played
        _alike(played, f"on {operation}", told(played, alike))
    # A number that is one and the same in all answers of a kind is no clock and no count.
    if len(compared) == len(ROUNDS) * len(SESSION_OPERATIONS):
        _alike(compared, "on every operation", told(compared, alike, numbers=True))
    if not judged:
        raise why_not_played(recording, JOURNEY, "a pair of answers 404 that could be compared")


@requirement("AUTH-03")
def test_bad_input_does_not_tell_whether_it_exists(recording: Recording) -> None:
    """Whether input or session is looked at first is open, but it is the same for both."""
    _foreign(recording)
    alike = _asked_alike(recording)
    for name in BAD_INPUT:
        played = [
            (foreign, missing)
            for number in ROUNDS
            if (foreign := recording.get(JOURNEY, f"foreign-{name}-{number}")) is not None
            and (missing := recording.get(JOURNEY, f"foreign-missing-{name}-{number}")) is not None
            and all(client_error(e) and unjudgeable(recording, e) is None for e in (foreign, missing))
        ]
        if len(played) == len(ROUNDS):
            _alike(played, f"with {name}", told(played, alike))


@requirement("AUTH-03")
def test_a_page_s_cursor_does_not_lead_to_another_tenant(recording: Recording) -> None:
    """What a cursor of ours does on a session of the second key is open, but it shows none of our messages."""
    page = recording.get(JOURNEY, "foreign-page/other")
    if page is None or page.received is None:
        return
    ids = {
        str(e.data.get("user_message_id")) for e in recording.exchanges if e.facts.get("session") == page.facts["asked"]
    }
    for ident in ids:
        if len(ident) >= _TELLING and names(page.json, ident):
            expected = "no message of another tenant's session"
            broken(page, expected=expected, came=f"the page shows the message {ident!r}")


def _asked_alike(recording: Recording) -> list[list[Exchange]]:
    """Answers of one status to one question: the same operation and key, all on a session of one kind."""
    groups: dict[tuple[object, ...], list[Exchange]] = {}
    for exchange in recording.of(JOURNEY):
        kind = exchange.step.partition("/")[0].rstrip("-12")
        if "way" in exchange.facts or kind in ("foreign-turns", "foreign-page"):
            continue
        if kind.startswith(("foreign", "missing")) and not is_interim(exchange) and exchange.status >= 400:
            groups.setdefault((kind, exchange.operation, exchange.credential, exchange.status), []).append(exchange)
    return list(groups.values())


def _alike(played: Sequence[Pair], where: str, difference: Told | None) -> None:
    if difference is not None:
        foreign, missing = played[0]
        expected = "the same answer as for a session that does not exist"
        broken(foreign, missing, expected=expected, came=f"{where} {difference}")


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
