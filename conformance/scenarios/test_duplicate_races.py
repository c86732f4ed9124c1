"""IDEM-02 and IDEM-03 where the duplicates come at the same moment: what those that lose are told, and leave behind."""

from __future__ import annotations

from collections import Counter

from conformance.evidence import Session, envelopes
from conformance.findings import broken, requirement
from conformance.judging.json_leaves import names
from conformance.judging.replay import replay, said
from conformance.recording import Exchange, Recording

JOURNEY = "racing"


@requirement("IDEM-02")
def test_the_losers_of_a_race_are_told_the_original(recording: Recording) -> None:
    """Where the server takes messages while a turn runs: else their 409 may say only that it is busy."""
    winner, losers = _race(recording)
    original = winner.data.get("user_message_id") if winner is not None else None
    if winner is None or not isinstance(original, str) or not original or not _never_busy(recording):
        return
    for loser in losers:
        if loser.status == 409 and not names(loser.json, original):
            broken(loser, winner, expected=f"a 409 with the original message id {original} in it")


@requirement("IDEM-03")
def test_the_losers_of_a_race_are_not_stored(recording: Recording, racing: Session) -> None:
    """Their text is in the replay as often as that of a message which was sent once."""
    winner, losers = _race(recording)
    shown = replay(recording, JOURNEY)
    rivals = _accepted_rivals(recording)
    text = winner.facts.get("text") if winner is not None else None
    if winner is None or not losers or shown is None or not shown.whole or not rivals or not isinstance(text, str):
        return
    if not all(400 <= loser.status < 500 for loser in losers):
        return
    ids = [one for post in (winner, *rivals) if isinstance(one := post.data.get("user_message_id"), str)]
    if text.strip() in said(racing) and not any(speaker for _, speaker in shown.places(text, ids)):
        return  # a copy may be the agent's own
    copies = shown.places(text, ids)
    for place, often in copies.items():
        once = [shown.places(str(rival.facts.get("text")), ids)[place] for rival in rivals]
        if not 0 < min(once) == max(once) < often:
            continue
        came = f"the replay shows its text {often} times, that of a message which was sent once {min(once)} times"
        broken(losers[0], winner, shown.pages[0], expected="a duplicate is not stored", came=came)


@requirement("IDEM-03")
def test_the_losers_of_a_race_start_no_turn(recording: Recording, racing: Session) -> None:
    """Behind the first turn as many turns end as messages were accepted after it."""
    winner, losers = _race(recording)
    whole = recording.get(JOURNEY, "whole")
    rivals = _accepted_rivals(recording)
    if winner is None or not losers or whole is None or not racing.turns:
        return
    if not all(400 <= e.status < 500 for e in losers) or not _clear(recording):
        return
    first = racing.turns[0].envelopes
    if not any(e.type in ("finish", "abort") for e in first):
        return  # after an error a late finish may follow
    known = {e.id for e in first if e.id}
    quiet = recording.get(JOURNEY, "quiet-end")
    ended: Counter[str] = Counter()
    for tail in (whole, quiet):
        for envelope in envelopes(tail.frames) if tail is not None else ():
            if envelope.id is not None and envelope.id not in known:
                known.add(envelope.id)
                ended[envelope.type] += 1
    ends = max(ended["finish"], ended["abort"])
    if ends > len(rivals):
        came = f"{ends} turns end behind the first one, and {len(rivals)} messages were accepted"
        broken(losers[0], whole, expected="a duplicate starts no turn", came=came)


def _race(recording: Recording) -> tuple[Exchange | None, list[Exchange]]:
    """The one of the posts with one id that was accepted, and the others; none where several were."""
    posts = [e for e in recording.of(JOURNEY, "same-") if e.operation == "append-message" and "limited" not in e.facts]
    accepted = [e for e in posts if e.status == 202]
    if len(accepted) != 1:
        return None, []
    return accepted[0], [e for e in posts if e is not accepted[0] and "outage" not in e.facts]


def _accepted_rivals(recording: Recording) -> list[Exchange]:
    return [e for e in recording.of(JOURNEY, "rival-") if e.operation == "append-message" and e.status == 202]


def _clear(recording: Recording) -> bool:
    """Whether it is known of every post of the session that it was accepted, or refused."""
    posts = [e for e in recording.of(JOURNEY) if e.operation == "append-message"]
    return all(e.status == 202 or 300 <= e.status < 500 for e in posts)


def _never_busy(recording: Recording) -> bool:
    """Whether it was seen to take two different messages at once, and never to be busy."""
    rivals = [recording.get(JOURNEY, f"rival-{number}") for number in (1, 2)]
    busy = any(
        e.operation == "append-message" and e.status == 409 and (e.facts.get("busy") or e.facts.get("gave_up"))
        for e in recording.exchanges
    )
    return all(e is not None and e.status == 202 for e in rivals) and not busy
