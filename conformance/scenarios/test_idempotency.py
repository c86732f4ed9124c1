"""IDEM-01 to IDEM-04: one client_message_id, sent again. (IDEM-05, at the same moment, is judged with the racing.)"""

from __future__ import annotations

from conformance.evidence import Envelope, Session, envelopes
from conformance.findings import Untested, broken, requirement
from conformance.judging.answers import unjudgeable, why_not_played
from conformance.judging.json_leaves import names
from conformance.judging.replay import Place, Replay, replay, said
from conformance.recording import Exchange, Recording

JOURNEY = "duplicates"
ENDS = ("finish", "abort")
"""After either nothing of its turn may follow."""
_LEAST = 8
"""Characters: a shorter message id may be one within its session only."""
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
        if duplicates.turns and text == duplicates.turns[0].post.facts.get("text"):
            continue  # it differs in something else: its text was accepted, and is shown by right
        for shown in seen:
            if shown.shows(text):
                broken(exchange, *shown.pages, expected="a duplicate is not stored", came="the replay shows its text")
    text = duplicates.turns[0].post.facts.get("text") if duplicates.turns else None
    if isinstance(text, str) and text:
        ids = [one for turn in duplicates.turns if isinstance(one := turn.post.data.get("user_message_id"), str)]
        if not _echoed_in_place(duplicates, text, ids, seen):
            _no_more_copies(sent[0], text, ids, replays["before"], replays["after"], replays["end"])


@requirement("IDEM-01")
def test_a_duplicate_of_a_message_with_attachments_gets_409(recording: Recording) -> None:
    """Neither attachments nor the tier make a repeated client_message_id a new one."""
    original, duplicate = _repeated(recording, "attachments", "duplicate-1")
    if original is None or duplicate is None:
        raise why_not_played(recording, "attachments", "a duplicate of a message with attachments")
    _is_conflict(recording, duplicate, original)


@requirement("IDEM-01")
def test_a_duplicate_two_turns_later_gets_409(recording: Recording) -> None:
    """For how many turns an id is known is not limited."""
    for journey in ("attachments", "racing"):
        original, duplicate = _repeated(recording, journey, "duplicate-late")
        if original is not None and duplicate is not None:
            _is_conflict(recording, duplicate, original)


@requirement("IDEM-02")
def test_the_conflict_two_turns_later_names_the_original(recording: Recording) -> None:
    """Where the server was never seen to refuse a message as busy: else the 409 may say only that."""
    if _refuses_while_busy(recording):
        return
    for journey, step in (
        ("attachments", "duplicate-1"),
        ("attachments", "duplicate-late"),
        ("racing", "duplicate-late"),
    ):
        original, duplicate = _repeated(recording, journey, step)
        message_id = original.data.get("user_message_id") if original is not None else None
        if original is None or duplicate is None or duplicate.status != 409 or not isinstance(message_id, str):
            continue
        if message_id and not _names(duplicate, message_id):
            broken(duplicate, original, expected=f"a 409 with the original message id {message_id} in it")


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


@requirement("IDEM-03")
def test_a_duplicate_with_attachments_is_not_stored(recording: Recording) -> None:
    """The attachments that were sent twice are not shown more often than the others."""
    original, duplicate = _repeated(recording, "attachments", "duplicate-1")
    shown = replay(recording, "attachments")
    later = [p for p in (recording.get("attachments", f"turn-{n}/post") for n in (2, 3)) if p is not None]
    if original is None or duplicate is None or shown is None or not shown.whole or len(later) < 2:
        return
    if duplicate.status != 409 or any(post.status != 202 for post in later):
        return
    often, once = _copies(shown, original), [_copies(shown, post) for post in later]
    for place in often:
        others = {counts.get(place, 0) for counts in once}
        # Where messages repeat what came before them, the second turn's would stand there more often than the third's.
        if len(others) == 1 and 0 < (least := others.pop()) < often[place]:
            came = f"the replay shows its attachments {often[place]} times, those of other messages {least} times"
            broken(duplicate, original, shown.pages[0], expected="a duplicate is not stored", came=came)


@requirement("IDEM-03")
def test_a_late_duplicate_starts_no_turn(recording: Recording, duplicates: Session) -> None:
    """A client that stays connected sees one turn for each message that was accepted."""
    for turn in duplicates.turns:
        if turn.number == 1 or not any(e.type in ("finish", "abort") for e in duplicates.turns[0].envelopes):
            continue
        shown = turn.tail("before")
        known = {e.id for e in duplicates.turns[0].envelopes if e.id}
        ends = {kind: {e.id for e in shown if e.type == kind and e.id and e.id not in known} for kind in ENDS}
        most = max(len(ids) for ids in ends.values())
        if most > 1:
            duplicate = _duplicates(recording)[0]
            came = f"the stream shows the ends of {most} turns after {duplicates.turns[0]}, for one message"
            broken(duplicate, turn.tails["before"], expected="a duplicate starts no turn", came=came)


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
    first: Exchange,
    text: str,
    ids: list[str],
    before: Replay | None,
    after: Replay | None,
    end: Replay | None,
) -> None:
    """The same text at each kind of place of the replay, counted.

    A replay may lag, so a first appearance proves nothing. Duplicates that were sent while the turn ran are in ``before``
    already: what the second turn, of the same text, adds to a place tells how many copies one message makes there.
    """
    if before is not None and after is not None and before.whole and after.whole:
        had, has = before.places(text, ids), after.places(text, ids)
        grown = next((place for place in has if 0 < had[place] < has[place]), None)
        if grown is not None:
            broken(
                first,
                after.pages[0],
                expected="a duplicate is not stored",
                came=f"the replay shows its text {has[grown]} times after the duplicates, {had[grown]} before them",
            )
    if after is not None and end is not None and after.whole and end.whole:
        has, ends = after.places(text, ids), end.places(text, ids)
        more = next((place for place in has if 0 < ends[place] - has[place] < has[place]), None)
        if more is not None:
            broken(
                first,
                after.pages[0],
                expected="a duplicate is not stored",
                came=f"the replay shows its text {has[more]} times, though one message adds {ends[more] - has[more]}",
            )


def _echoed_in_place(duplicates: Session, text: str, ids: list[str], seen: list[Replay]) -> bool:
    """Whether the agent said just what the user did, and no replay tells the one from the other.

    Then a copy may be the agent's, that came into a lagging replay late.
    """
    return text.strip() in said(duplicates) and not any(
        speaker for shown in seen for _, speaker in shown.places(text, ids)
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
        for journey in ("dialogue", JOURNEY, "attachments", "refusals")
        for e in recording.of(journey, "turn-")
        if e.facts.get("part") == "post"
        and e.facts.get("client_message_id") is None
        and not e.facts.get("limited")
        and not e.facts.get("outage")
    ]


def _repeated(recording: Recording, journey: str, step: str) -> tuple[Exchange | None, Exchange | None]:
    """The duplicate of that name and the message that it repeats, where that was accepted."""
    duplicate = recording.get(journey, step)
    sent = duplicate.facts.get("client_message_id") if duplicate is not None else None
    posts = (e for e in recording.of(journey) if e.facts.get("part") == "post" and e.status == 202)
    original = next((e for e in posts if sent is not None and e.facts.get("client_message_id") == sent), None)
    return original, duplicate


def _is_conflict(recording: Recording, duplicate: Exchange, original: Exchange) -> None:
    reason = unjudgeable(recording, duplicate) if duplicate.status != 409 else None
    if reason is not None:
        raise Untested(reason)
    if duplicate.status != 409:
        broken(duplicate, original, expected="409 for a client_message_id that was accepted before")


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
    return over and _names(post, message_id)


def _copies(shown: Replay, post: Exchange) -> dict[Place, int]:
    """How often the paths of a post's attachments stand at each kind of place, the least often of them."""
    sent = post.facts.get("sent_attachments")
    listed = [one.get("blob_path") for one in sent if isinstance(one, dict)] if isinstance(sent, list) else []
    counts = [shown.places(path) for path in listed if isinstance(path, str) and path]
    return {place: min(one[place] for one in counts) for place in (counts[0] if counts else ())}


def _kind(post: Exchange) -> str:
    return "null" if "client_message_id" in post.facts else "absent"
