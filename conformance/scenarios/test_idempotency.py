"""IDEM-01 to IDEM-04: one client_message_id, sent again. (IDEM-05, at the same moment, is judged with the racing.)"""

from __future__ import annotations

from conformance.evidence import Envelope, Session, envelopes
from conformance.findings import Untested, broken, requirement
from conformance.judging.answers import unjudgeable, why_not_played
from conformance.judging.json_leaves import names
from conformance.judging.replay import Replay, replay
from conformance.recording import Exchange, Recording

JOURNEY = "duplicates"
NO_TURN = frozenset({"finish-step", "message-metadata"})
"""What may still come after a turn's end without being another turn; ``data-…`` parts likewise."""


@requirement("IDEM-01")
def test_a_duplicate_is_a_conflict(recording: Recording) -> None:
    """409 for the same body, while its turn runs and after it.

    With another text any refusal will do: whether that is a duplicate or a misuse of the id is on no page.
    """
    for exchange in _duplicates(recording):
        reason = unjudgeable(recording, exchange) if exchange.status != 409 else None
        if reason is not None:
            raise Untested(reason)
        if exchange.facts.get("same_body"):
            if exchange.status != 409:
                broken(exchange, expected="409 for a client_message_id that was accepted before")
        elif not 400 <= exchange.status < 500:
            broken(exchange, expected="a refusal of a client_message_id that was accepted before, whatever the text")


@requirement("IDEM-02")
def test_the_conflict_names_the_original_message(recording: Recording, duplicates: Session) -> None:
    """Anywhere in the body. A server that refuses every message while a turn runs may say so instead, for that long."""
    original = _original_id(recording, duplicates)
    conflicts = [e for e in _duplicates(recording) if e.status == 409]
    over = [e for e in conflicts if not e.facts.get("while_running")]
    if not over:
        raise Untested("no duplicate was answered 409 after the turn had ended")
    excused = _refuses_while_busy(recording) and any(_names(e, original) for e in over)
    for exchange in over:
        if not _names(exchange, original) and not excused:
            broken(exchange, duplicates.turns[0].post, expected=f"a 409 with the original message id {original} in it")
    if _takes_messages_while_running(recording):
        for exchange in conflicts:
            if not _names(exchange, original):
                broken(
                    exchange, duplicates.turns[0].post, expected=f"a 409 with the original message id {original} in it"
                )


@requirement("IDEM-03")
def test_a_duplicate_stores_no_message(recording: Recording, duplicates: Session) -> None:
    """Another text is never shown, and the same text no more often than it was sent."""
    sent = _duplicates(recording)
    replays = {name: replay(recording, JOURNEY, f"messages-{name}") for name in ("before", "after", "end")}
    seen = [shown for shown in replays.values() if shown is not None and shown.whole]
    if not seen:
        raise why_not_played(recording, JOURNEY, "a replay after a duplicate")
    for exchange in sent:
        text = exchange.facts.get("text")
        if exchange.facts.get("same_body") or not isinstance(text, str) or not text:
            continue
        for shown in seen:
            if shown.shows(text):
                broken(exchange, *shown.pages, expected="a duplicate is not stored", came="the replay shows its text")
    text = duplicates.turns[0].post.facts.get("text") if duplicates.turns else None
    if isinstance(text, str) and text:
        _no_more_copies(sent[0], text, replays["before"], replays["after"], replays["end"])


@requirement("IDEM-01")
def test_a_duplicate_of_a_message_with_attachments_gets_409(recording: Recording) -> None:
    """Neither attachments nor the tier make a repeated client_message_id a new one."""
    original = recording.get("attachments", "turn-1/post")
    duplicate = recording.get("attachments", "duplicate-1")
    if original is None or original.status != 202 or duplicate is None:
        raise why_not_played(recording, "attachments", "a duplicate of a message with attachments")
    reason = unjudgeable(recording, duplicate) if duplicate.status != 409 else None
    if reason is not None:
        raise Untested(reason)
    if duplicate.status != 409:
        broken(duplicate, original, expected="409 for a client_message_id that was accepted before")


@requirement("IDEM-03")
def test_a_duplicate_starts_no_turn(recording: Recording, duplicates: Session) -> None:
    """Behind the end of each turn the stream stays quiet."""
    sent = _duplicates(recording)
    known: list[Envelope] = []
    judged = False
    for turn in duplicates.turns:
        known.extend(turn.envelopes)
        quiet = recording.get(JOURNEY, f"quiet-{turn.number}")
        # A server may hold back even its headers until there is an event: then none came, which is what is asked.
        held_back = quiet is not None and (quiet.problem or "").startswith("ReadTimeout: no headers")
        if quiet is None or (quiet.status != 200 and not held_back):
            continue
        judged = True
        strange = _of_another_turn(envelopes(quiet.frames), known)
        if strange is not None:
            broken(
                sent[0],
                quiet,
                expected="a duplicate starts no turn",
                came=f"after the end of {turn} the stream shows {strange}",
            )
    if not judged:
        raise why_not_played(recording, JOURNEY, "a tail after the duplicates")


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
                if other.journey == post.journey and own == message_id:
                    broken(post, other, expected="a message of its own", came=f"the id of an earlier message, {own!r}")
            if isinstance(own, str) and own:
                earlier.append((own, post))
            accepted[_kind(post)] += 1
            continue
        for message_id, other in earlier:
            if post.status == 409 and other.journey == post.journey and _names(post, message_id):
                broken(post, other, expected="202: without a client_message_id nothing is a duplicate")
        reason = reason or unjudgeable(recording, post) or f"{post.name} was answered {post.status}"
    if reason is not None:
        raise Untested(reason)
    for kind, count in accepted.items():
        if count < 2:
            raise why_not_played(recording, "dialogue", f"a second message with an {kind} client_message_id")


def _duplicates(recording: Recording) -> list[Exchange]:
    """:raises Untested: when there is none, or the message that they repeat was not accepted."""
    original = recording.get(JOURNEY, "turn-1/post")
    if original is not None and original.status != 202:
        raise Untested(f"the original message was not accepted (status {original.status or 'none'})")
    found = [e for e in recording.of(JOURNEY) if e.facts.get("duplicate_of") == 1 and not e.facts.get("limited")]
    if not found or original is None:
        raise why_not_played(recording, JOURNEY, "a duplicate")
    if all(e.facts.get("while_running") for e in found):
        raise why_not_played(recording, JOURNEY, "a duplicate after the turn")
    return found


def _original_id(recording: Recording, duplicates: Session) -> str:
    if not duplicates.turns:
        raise why_not_played(recording, JOURNEY, "the original message")
    original = duplicates.turns[0].post.data.get("user_message_id")
    if not isinstance(original, str) or not original:
        raise Untested("the original message was accepted without a `user_message_id`")
    return original


def _names(exchange: Exchange, message_id: str) -> bool:
    if exchange.json is not None:
        return names(exchange.json, message_id)
    return exchange.received is not None and message_id in exchange.received.text


def _refuses_while_busy(recording: Recording) -> bool:
    """Whether this server was seen to answer 409 to a message that cannot be a duplicate (contract M10)."""
    return any(
        e.operation == "append-message" and e.status == 409 and (e.facts.get("busy") or e.facts.get("gave_up"))
        for e in recording.exchanges
    )


def _takes_messages_while_running(recording: Recording) -> bool:
    """Whether it was seen to take two different messages at once, and never to be busy."""
    rivals = [recording.get("racing", f"rival-{number}") for number in (1, 2)]
    return all(e is not None and e.status == 202 for e in rivals) and not _refuses_while_busy(recording)


def _no_more_copies(
    first: Exchange, text: str, before: Replay | None, after: Replay | None, end: Replay | None
) -> None:
    """The same text at each kind of place of the replay, counted.

    A replay may lag, so a first appearance proves nothing. Duplicates that were sent while the turn ran are in ``before``
    already: what the second turn, of the same text, adds to a place tells how many copies one message makes there.
    """
    if before is not None and after is not None and before.whole and after.whole:
        had, has = before.places(text), after.places(text)
        grown = next((place for place in has if 0 < had[place] < has[place]), None)
        if grown is not None:
            broken(
                first,
                after.pages[0],
                expected="a duplicate is not stored",
                came=f"the replay shows its text {has[grown]} times after the duplicates, {had[grown]} before them",
            )
    if after is not None and end is not None and after.whole and end.whole:
        has, ends = after.places(text), end.places(text)
        more = next((place for place in has if 0 < ends[place] - has[place] < has[place]), None)
        if more is not None:
            broken(
                first,
                after.pages[0],
                expected="a duplicate is not stored",
                came=f"the replay shows its text {has[more]} times, though one message adds {ends[more] - has[more]}",
            )


def _of_another_turn(shown: tuple[Envelope, ...], known: list[Envelope]) -> Envelope | None:
    """The first envelope that no turn of ours can have sent; None where there is none.

    After an ``error`` a late ``finish`` belongs to the same turn; after a ``finish`` nothing does.
    """
    ids = {e.id for e in known if e.id}
    over = any(e.type in ("finish", "abort") for e in known)
    for envelope in shown:
        replayed = envelope.id in ids if envelope.id else any(envelope.value == e.value for e in known)
        if replayed or not envelope.type or envelope.type in NO_TURN or envelope.type.startswith("data-"):
            continue
        if envelope.terminal and not over:
            continue
        return envelope
    return None


def _without_id(recording: Recording) -> list[Exchange]:
    """The posts without an id, or with a null, in the order in which they were sent; the busy answers not among them."""
    return [
        e
        for journey in ("dialogue", JOURNEY)
        for e in recording.of(journey, "turn-")
        if e.facts.get("part") == "post"
        and e.facts.get("client_message_id") is None
        and not e.facts.get("limited")
        and not e.facts.get("outage")
    ]


def _kind(post: Exchange) -> str:
    return "null" if "client_message_id" in post.facts else "absent"
