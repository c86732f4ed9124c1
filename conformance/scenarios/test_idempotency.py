"""IDEM-01 to IDEM-03: one client_message_id, sent again while its turn runs, after it, and about the next one.

Duplicates of messages with attachments, or turns later, are in test_later_duplicates, those at the same moment in
test_duplicate_races, and messages that are no duplicates (IDEM-04) in test_no_duplicates.
"""

from __future__ import annotations

from conformance.evidence import Envelope, Session, envelopes
from conformance.findings import Unobservable, Untested, broken, requirement
from conformance.judging.answers import unjudgeable, why_not_played
from conformance.judging.busy import busy_elsewhere
from conformance.judging.conflicts import (
    may_have_been_accepted,
    names_message,
    refuses_while_busy,
    takes_messages_while_running,
)
from conformance.judging.cursors import once
from conformance.judging.new_turns import another_turn, turns_ended
from conformance.judging.replay import Replay, replay, said
from conformance.judging.statuses import client_error
from conformance.judging.turn_reads import disturbance
from conformance.recording import Exchange, Recording

JOURNEY = "duplicates"


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
        elif not client_error(exchange):
            broken(exchange, expected="a refusal of a client_message_id that was accepted before, whatever the text")
    _one_after_the_turn(recording, _duplicates(recording))


@requirement("IDEM-02")
def test_the_conflict_names_the_original_message(recording: Recording, duplicates: Session) -> None:
    """Anywhere in the body. A server that refuses every message while a turn runs may say so instead, for that long."""
    original = _original_id(recording, duplicates)
    conflicts = [e for e in _duplicates(recording) if e.status == 409]
    over = [e for e in conflicts if not e.facts.get("while_running")]
    if not over:
        raise Untested("no duplicate was answered 409 after the turn had ended")
    unnamed = [e for e in over if not names_message(e, original)]
    doubts = [busy_elsewhere(recording, exchange) for exchange in unnamed]
    excused = refuses_while_busy(recording) and len(unnamed) < len(over)
    for exchange, doubt in zip(unnamed, doubts, strict=True):
        if doubt is None and not excused:
            broken(exchange, duplicates.turns[0].post, expected=f"a 409 with the original message id {original} in it")
    if takes_messages_while_running(recording):
        for exchange in conflicts:
            if not names_message(exchange, original):
                broken(
                    exchange, duplicates.turns[0].post, expected=f"a 409 with the original message id {original} in it"
                )
    if len(unnamed) == len(over):
        raise Unobservable("; ".join(doubt for doubt in doubts if doubt is not None))


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
    _one_after_the_turn(recording, sent)


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
        if strange is not None and may_have_been_accepted(recording, JOURNEY, "turn-"):
            raise Untested(
                f"after the end of {turn} came {strange}; a message was sent twice, as nothing answered at first"
            )
        if strange is not None:
            broken(
                sent[0],
                quiet,
                expected="a duplicate starts no turn",
                came=f"after the end of {turn} the stream shows {strange}",
            )
    if not judged:
        raise why_not_played(recording, JOURNEY, "a tail after the duplicates")
    _one_after_the_turn(recording, sent)


@requirement("IDEM-03")
def test_a_late_duplicate_starts_no_turn(recording: Recording, duplicates: Session) -> None:
    """A client that stays connected sees one turn for each message that was accepted."""
    if may_have_been_accepted(recording, JOURNEY, "turn-"):
        return
    for turn in duplicates.turns:
        if turn.number == 1 or not any(e.type in ("finish", "abort") for e in duplicates.turns[0].envelopes):
            continue
        if disturbance(recording, turn):
            continue
        shown = turn.tail("before")
        known = {e.id for e in duplicates.turns[0].envelopes if e.id}
        most = turns_ended(once([e for e in shown if e.id and e.id not in known]))
        if most > 1:
            duplicate = _duplicates(recording)[0]
            came = f"the stream shows the ends of {most} turns after {duplicates.turns[0]}, for one message"
            broken(duplicate, turn.tails["before"], expected="a duplicate starts no turn", came=came)


def _duplicates(recording: Recording) -> list[Exchange]:
    """:raises Untested: when there is none, or the message that they repeat was not accepted."""
    original = recording.get(JOURNEY, "turn-1/post")
    if original is not None and original.status != 202:
        raise Untested(f"the original message was not accepted (status {original.status or 'none'})")
    found = [e for e in recording.of(JOURNEY) if e.facts.get("duplicate_of") == 1 and not e.facts.get("limited")]
    if not found or original is None:
        raise why_not_played(recording, JOURNEY, "a duplicate")
    return found


def _one_after_the_turn(recording: Recording, found: list[Exchange]) -> None:
    """:raises Untested: where every duplicate was sent while its turn ran: that none was seen to be broken is not enough."""
    if all(e.facts.get("while_running") for e in found):
        raise why_not_played(recording, JOURNEY, "a duplicate after the turn")


def _original_id(recording: Recording, duplicates: Session) -> str:
    if not duplicates.turns:
        raise why_not_played(recording, JOURNEY, "the original message")
    original = duplicates.turns[0].post.data.get("user_message_id")
    if not isinstance(original, str) or not original:
        raise Untested("the original message was accepted without a `user_message_id`")
    return original


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
    """The first envelope of a turn that is none of ours; None where nothing proves one."""
    ids = {e.id for e in known if e.id}
    new = [e for e in shown if (e.id not in ids if e.id else all(e.value != one.value for one in known))]
    return another_turn(new)
