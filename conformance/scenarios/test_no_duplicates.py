"""IDEM-01 and IDEM-04: messages that are no duplicates, having no client_message_id, or one that is their own."""

from __future__ import annotations

from conformance.findings import Untested, broken, requirement
from conformance.judging.answers import unjudgeable, why_not_played
from conformance.judging.busy import busy_elsewhere
from conformance.judging.conflicts import certainly_names_message, may_have_been_accepted
from conformance.judging.statuses import client_error
from conformance.recording import Exchange, Recording

JOURNEY = "duplicates"
_LEAST = 8
"""Characters: a shorter message id may be one within its session only."""


@requirement("IDEM-01")
def test_an_id_of_its_own_is_no_duplicate(recording: Recording) -> None:
    """A message is not refused in the name of another whose client_message_id is not the same, character by character."""
    accepted: list[Exchange] = []
    for post in recording.of("racing"):
        if post.operation != "append-message" or not isinstance(post.facts.get("client_message_id"), str):
            continue
        if post.status == 202:
            accepted.append(post)
            continue
        for other in accepted:
            message_id = other.data.get("user_message_id")
            same = other.facts["client_message_id"] == post.facts["client_message_id"]
            if not same and _is_taken_for(recording, post, other):
                came = f"a 409 that names {message_id}, which has the id {other.facts['client_message_id']!r}"
                broken(post, other, expected="no duplicate: the client_message_id is another", came=came)


@requirement("IDEM-01")
def test_a_refused_message_uses_no_id_up(recording: Recording) -> None:
    """An id that was sent with nothing but refused messages is no duplicate's: there is no original message.

    The session has had no turn, and the same message with another id was accepted at once: it was not busy either.
    """
    told = recording.get("attachments", "turn-1/refused-id")
    post = recording.get("attachments", "turn-1/post")
    if told is None or post is None or told.status != 409 or post.status != 202:
        return
    refusals = [e for e in recording.of("attachments", "refuse-first-") if e.operation == "append-message"]
    clear = all(client_error(e) for e in refusals) and not may_have_been_accepted(recording, "attachments", "turn-1")
    if not clear or recording.get("attachments", "turn-1/busy-1") is not None:
        return
    if busy_elsewhere(recording, told) is None:
        expected = "202, as with an id that was not sent before: no message with this one was accepted"
        broken(told, *refusals[:1], post, expected=expected)


@requirement("IDEM-04")
def test_absent_and_null_ids_never_deduplicate(recording: Recording) -> None:
    """Equal messages without an id, and with a null as id, are accepted one after another."""
    accepted = {"absent": 0, "null": 0}
    reason: str | None = None
    earlier: list[tuple[str, Exchange]] = []
    for post in _without_id(recording):
        if post.status == 202:
            own = post.data.get("user_message_id")
            for message_id, other in earlier:
                # The messages of each session may be counted from one; then only the turn tells that it is the same one.
                same_turn = post.data.get("chat_turn_id") == other.data.get("chat_turn_id")
                if own == message_id and (same_turn or post.facts.get("session") == other.facts.get("session")):
                    broken(post, other, expected="a message of its own", came=f"the id of an earlier message, {own!r}")
            if isinstance(own, str) and own:
                earlier.append((own, post))
            if post.journey in ("dialogue", JOURNEY):
                accepted[_kind(post)] += 1
            continue
        for other in recording.exchanges:
            if other.operation == "append-message" and other.status == 202 and _is_taken_for(recording, post, other):
                broken(post, other, expected="202: without a client_message_id nothing is a duplicate")
        if post.journey in ("dialogue", JOURNEY):
            reason = reason or unjudgeable(recording, post) or f"{post.name} was answered {post.status}"
    if reason is not None:
        raise Untested(reason)
    for kind, count in accepted.items():
        if count < 2:
            raise why_not_played(recording, "dialogue", f"a second message with an {kind} client_message_id")


def _without_id(recording: Recording) -> list[Exchange]:
    """The posts without an id, or with a null, in the order in which they were sent; the busy answers not among them."""
    return [
        e
        for journey in ("dialogue", JOURNEY, "attachments", "refusals")
        for e in recording.of(journey, "turn-")
        if e.facts.get("part") == "post"
        and e.facts.get("client_message_id") is None
        and not e.facts.get("limited")
        and not e.facts.get("outage")
    ]


def _is_taken_for(recording: Recording, post: Exchange, other: Exchange) -> bool:
    """Whether a 409 says of a message that it is that other one, whose turn is over.

    A busy server may name the message that it is busy with, so a turn that was not read to its end proves nothing.
    """
    message_id = other.data.get("user_message_id")
    if post.status != 409 or post.facts.get("busy") or not isinstance(message_id, str) or not message_id:
        return False
    if other.journey != post.journey and len(message_id) < _LEAST:
        return False
    tail = recording.get(other.journey, f"turn-{other.facts.get('turn')}/tail")
    over = tail is not None and tail.ending == "terminal" and tail.ended_at < post.sent_at
    return over and certainly_names_message(post, message_id) and busy_elsewhere(recording, post) is None


def _kind(post: Exchange) -> str:
    return "null" if "client_message_id" in post.facts else "absent"
