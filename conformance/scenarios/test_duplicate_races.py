"""IDEM-05, and IDEM-02 and IDEM-03 of those that lose: duplicates that come at the same moment."""

from __future__ import annotations

from conformance.evidence import Session, envelopes
from conformance.findings import Unobservable, Untested, broken, expect, requirement
from conformance.judging.answers import is_interim, unjudgeable, why_not_played
from conformance.judging.busy import busy_elsewhere
from conformance.judging.conflicts import may_have_been_accepted, names_message, takes_messages_while_running
from conformance.judging.cursors import once
from conformance.judging.new_turns import turns_ended
from conformance.judging.replay import replay, said
from conformance.judging.statuses import client_error, successful
from conformance.recording import Exchange, Recording

JOURNEY = "racing"
_OUTAGES = frozenset({502, 503, 504})


@requirement("IDEM-05")
def test_of_simultaneous_duplicates_exactly_one_is_accepted(recording: Recording) -> None:
    """Four posts at once with one client_message_id: one 202, and the others refused."""
    posts = [e for e in recording.of(JOURNEY, "same-") if e.operation == "append-message" and not is_interim(e)]
    if len(posts) < 2:
        raise why_not_played(recording, JOURNEY, "posts with one client_message_id")
    accepted = [post for post in posts if successful(post)]
    expected = "one of them is answered 202, the others are refused"
    told = ", ".join(f"{p.step} {p.status}" for p in posts)
    if len(accepted) > 1:
        came = f"{len(accepted)} of {len(posts)} were accepted: {told}"
        broken(accepted[1], accepted[0], expected=expected, came=came)
    for post in posts:
        kept = post.status < 300 or client_error(post) or post.status in _OUTAGES
        expect(kept, post, expected="a refusal with a 4xx, or the 202")
    if not accepted:
        _none_in_doubt(recording, posts)
        # The session had no turn before them, so none of them can have been refused because the server was busy.
        broken(posts[0], expected=expected, came=f"none was accepted: {told}")
    expect(accepted[0].status == 202, accepted[0], expected=expected)


def _none_in_doubt(recording: Recording, posts: list[Exchange]) -> None:
    """Whether none of them had to be accepted.

    :raises Untested: where one of them may have been accepted unseen, or one was refused for something else.
    :raises Unobservable: where the server may have been busy with another session.
    """
    for post in posts:
        if post.status in _OUTAGES or may_have_been_accepted(recording, JOURNEY, f"{post.step}/"):
            raise Untested(f"{post.name} met an outage, and may have been accepted all the same")
        reason = unjudgeable(recording, post)
        if reason is not None:
            raise Untested(f"none of the posts was accepted, and {reason}")
        busy = busy_elsewhere(recording, post) if post.status == 409 else None
        if busy is not None:
            raise Unobservable(f"none of the posts was accepted, and {busy}")


@requirement("IDEM-02")
def test_the_losers_of_a_race_are_told_the_original(recording: Recording) -> None:
    """Where the server takes messages while a turn runs: else their 409 may say only that it is busy."""
    winner, losers = _race(recording)
    original = winner.data.get("user_message_id") if winner is not None else None
    if winner is None or not isinstance(original, str) or not original or not takes_messages_while_running(recording):
        return
    for loser in losers:
        if loser.status == 409 and not names_message(loser, original):
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
    if not all(client_error(loser) for loser in losers):
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
    if not all(client_error(e) for e in losers) or not _clear(recording):
        return
    first = racing.turns[0].envelopes
    if not any(e.type in ("finish", "abort") for e in first):
        return  # after an error a late finish may follow
    known = {e.id for e in first if e.id}
    quiet = recording.get(JOURNEY, "quiet-end")
    shown = [e for tail in (whole, quiet) if tail is not None for e in envelopes(tail.frames)]
    ends = turns_ended(once([e for e in shown if e.id is not None and e.id not in known]))
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
